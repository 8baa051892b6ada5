//! Errors in how a program is written: they stop it before it runs.

use super::Row;

/// The rows, as in the table of all other errors.
pub(super) const TABLE: &[Row] = &[
    (
        "IndentationError",
        "unexpected indent",
        [
            "A line is moved to the right although no new block begins there.",
            "Compare the spaces at the start of this line with those of the line above it.",
            "Should this line belong to a block? Which line with a `:` would begin that block?",
        ],
    ),
    (
        "IndentationError",
        "unindent",
        [
            "A line goes back to the left, but to a place where no block begins.",
            "Count the spaces at the start of this line and of the lines of the block around it.",
            "To which block should this line belong?",
        ],
    ),
    (
        "IndentationError",
        "",
        [
            "After a line that ends with `:` Python expects a block, that is at least one line moved to \
         the right by four spaces.",
            "Look at the line *before* the one that is named.",
            "Which lines should happen inside this block?",
        ],
    ),
    (
        "TabError",
        "",
        [
            "Some lines are moved in with tabs and others with spaces. They look alike, but Python \
         can't compare them.",
            "Let your editor show white space, and use four spaces everywhere.",
            "Which lines did you copy from somewhere else?",
        ],
    ),
    (
        "SyntaxError",
        "unterminated string",
        [
            "A text begins with a quote but has none at its end.",
            "Look for the quotes of that line, in pairs. An apostrophe inside the text counts as a \
         quote too.",
            "Where should the text end, and do both ends have the same kind of quote?",
        ],
    ),
    (
        "SyntaxError",
        "was never closed",
        [
            "A bracket was opened and not closed.",
            "The message points at the bracket that stays open. Count the brackets of that line in \
         pairs.",
            "Which closing bracket belongs to it, and where should it stand?",
        ],
    ),
    (
        "SyntaxError",
        "expected ':'",
        [
            "A line that begins a block (`if`, `for`, `while`, `def`, ...) must end with a colon.",
            "Look at the end of that line.",
            "Which sign tells Python that a block begins here?",
        ],
    ),
    (
        "SyntaxError",
        "",
        [
            "Python can't read this line: something in how it is written doesn't fit. Nothing has run \
         yet.",
            "Look where the `^` points and just before it, and at the end of the line above: a missing \
         bracket, quote or colon is often there. `=` gives a value, `==` compares.",
            "If you read the line sign by sign, are all quotes, brackets and colons there?",
        ],
    ),
];
