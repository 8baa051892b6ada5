-- Nothing was ever written to it; the next one makes it anew.
DROP TABLE attempt;
