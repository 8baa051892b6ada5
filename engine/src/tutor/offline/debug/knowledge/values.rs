//! Values that make no sense where they stand: numbers, files, JSON, input.

use super::{Row, Template};

pub(super) const TABLE: &[Row] = &[
    (
        &[Template::IntLiteral],
        [
            "`int(...)` got a text that isn't a whole number. Letters, an empty text or a decimal \
             point are enough for that.",
            "The message shows the text in quotes at its end. Compare it with what you typed.",
            "What could a person type here that isn't a whole number, and what should your program \
             do then?",
        ],
    ),
    (
        &[Template::FloatLiteral],
        [
            "`float(...)` got a text that isn't a number. A decimal comma instead of a point is a \
             common reason, or an empty text.",
            "The message shows the text at its end.",
            "Which character of this text doesn't belong to a number?",
        ],
    ),
    (
        &[Template::TooManyToUnpack],
        [
            "There are more values on the right of `=` than names on the left. In a loop over a \
             dictionary there is one name only, unless you ask for `.items()`.",
            "Count both sides; print the right side if you aren't sure.",
            "How many values are there really on the right?",
        ],
    ),
    (
        &[Template::TooFewToUnpack],
        [
            "There are fewer values on the right of `=` than names on the left. When a line is cut \
             with `split()`, it depends on the line how many there are.",
            "Print the right side just before that line and count.",
            "For which input are there fewer values than you thought?",
        ],
    ),
    (
        &[Template::DivisionByZero],
        [
            "A number is divided by zero, and that has no result.",
            "Look at what stands after `/`, `//` or `%`.",
            "In which case does this value become 0, and what should the program do then?",
        ],
    ),
    (
        &[Template::NumberTooLarge],
        [
            "A number became so large that it doesn't fit into a float, or can't be shown.",
            "Look for `**`, `exp` or a factorial, and print what goes into it.",
            "How large should this number be at most?",
        ],
    ),
    (
        &[Template::MathDomain],
        [
            "A function of `math` got a number for which it has no result, such as the square root \
             of a negative number.",
            "Print the number that goes into the function.",
            "In which case does this number leave the range that the function knows?",
        ],
    ),
    (
        &[Template::EmptySequence],
        [
            "You ask for the greatest, the smallest or a random one of no items at all.",
            "Print the list just before that line: it is empty.",
            "When does it happen that nothing is in it, and what should the program do then?",
        ],
    ),
    (
        &[Template::ZeroStep],
        [
            "A step of zero never comes to the end, so Python doesn't begin.",
            "Look at the third number of `range(...)` or of the square brackets.",
            "How far should each step go?",
        ],
    ),
    (
        &[Template::NotInList],
        [
            "You want to remove something, or ask for its place, and it isn't in the list.",
            "Print the list and the value, with `repr(...)`: spelling, capital letters, text or \
             number.",
            "Was it never in the list, or was it removed already?",
        ],
    ),
    (
        &[Template::SubstringNotFound],
        [
            "`index` didn't find the text that you search for.",
            "Print both texts with `repr(...)` and compare them: capital letters and spaces count.",
            "What should your program do when the text doesn't occur?",
        ],
    ),
    (
        &[Template::ChangedWhileIterating],
        [
            "A loop walks through a dictionary or a set, and inside the loop something is added to \
             it or taken out of it.",
            "Look for the line in the loop that adds or removes.",
            "Could you collect first what is to change, and change it after the loop?",
        ],
    ),
    (
        &[Template::NoSuchFile],
        [
            "There is no file with this name in the place where Python looks, which is the folder \
             in which the program was started.",
            "Compare the name letter by letter, with its ending, and check the folder.",
            "In which folder is the file, and in which one does your program run?",
        ],
    ),
    (
        &[Template::ClosedFile],
        [
            "You use a file after it was closed. `with` closes its file when its block ends.",
            "Look at how far the lines below `with` are moved in.",
            "Which lines need the open file, and are they all inside the block?",
        ],
    ),
    (
        &[Template::FileMode],
        [
            "The mode with which the file is opened doesn't exist, or it doesn't allow what you do \
             next.",
            "Look at the second value of `open(...)`: `r` reads, `w` writes anew, `a` writes at \
             the end.",
            "Do you want to read or to write here?",
        ],
    ),
    (
        &[Template::CannotDecode],
        [
            "The bytes of a file aren't text in the encoding in which Python reads them.",
            "Find out how the file was saved: text of a spreadsheet often isn't UTF-8. A picture \
             isn't text at all.",
            "In which encoding was this file written?",
        ],
    ),
    (
        &[Template::CannotEncode],
        [
            "A text holds a character that the encoding you write with doesn't have.",
            "The message shows the character. See where it comes from, and how the file is opened.",
            "Which encoding has all the characters that you need?",
        ],
    ),
    (
        &[Template::JsonValue],
        [
            "The text isn't valid JSON: where a value should begin, there is something else. Often \
             the text is empty, or it is an error page.",
            "Print the text with `repr(...)` just before that line. The message names the place \
             where it stopped understanding.",
            "Is it really JSON that you read?",
        ],
    ),
    (
        &[Template::JsonPropertyName],
        [
            "The text isn't valid JSON: names stand in double quotes there, never in single ones, \
             and no comma follows the last item.",
            "The message names line and column. Look at the quotes there, and for a comma before a \
             `}`.",
            "Was this text written by hand, or made by `str(...)` instead of `json.dumps(...)`?",
        ],
    ),
    (
        &[Template::JsonStructure],
        [
            "The text isn't valid JSON: a comma, a colon or a quote is missing, or something \
             follows where all should be over.",
            "The message names line and column of the place where it stopped understanding.",
            "Which sign did Python expect at that place?",
        ],
    ),
    (
        &[Template::EndOfInput],
        [
            "`input()` wanted to read a line, but there was nothing more to read.",
            "Count how many times your program asks, and how many lines it gets.",
            "Does a loop ask once more than you thought?",
        ],
    ),
];
