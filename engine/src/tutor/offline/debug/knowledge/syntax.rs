//! Errors in how a program is written: they stop it before it runs.

use super::{Row, Template, Words};

/// For all that has no row of its own.
pub(super) const UNREADABLE: Words = [
    "Python can't read this line: something in how it is written isn't allowed there. Nothing has \
     run yet.",
    "Look where the `^` points and just before it.",
    "If you read the line sign by sign, which one would you not expect?",
];

pub(super) const TABLE: &[Row] = &[
    (
        &[Template::InvalidSyntax],
        [
            "Python can't read this line: something in how it is written doesn't fit. Nothing has \
             run yet.",
            "Look where the `^` points and just before it, and at the end of the line above: a \
             missing bracket, quote or colon is often there. `=` gives a value, `==` compares.",
            "If you read the line sign by sign, are all quotes, brackets and colons there?",
        ],
    ),
    (
        &[Template::UnexpectedIndent],
        [
            "A line is moved to the right although no new block begins there.",
            "Compare the spaces at the start of this line with those of the line above it.",
            "Should this line belong to a block? Which line with a `:` would begin that block?",
        ],
    ),
    (
        &[Template::UnindentMismatch],
        [
            "A line goes back to the left, but to a place where no block begins.",
            "Count the spaces at the start of this line and of the lines of the block around it.",
            "To which block should this line belong?",
        ],
    ),
    (
        &[Template::ExpectedIndent],
        [
            "After a line that ends with `:` Python expects a block, that is at least one line \
             moved to the right by four spaces.",
            "Look at the line *before* the one that is named.",
            "Which lines should happen inside this block?",
        ],
    ),
    (
        &[Template::InconsistentTabs],
        [
            "Some lines are moved in with tabs and others with spaces. They look alike, but Python \
             can't compare them.",
            "Let your editor show white space, and use four spaces everywhere.",
            "Which lines did you copy from somewhere else?",
        ],
    ),
    (
        &[Template::UnterminatedString],
        [
            "A text begins with a quote but has none at its end.",
            "Look for the quotes of that line, in pairs. An apostrophe inside the text counts as a \
             quote too.",
            "Where should the text end, and do both ends have the same kind of quote?",
        ],
    ),
    (
        &[Template::UnterminatedTripleString],
        [
            "A long text begins with three quotes and never ends, so Python takes all the rest of \
             the program for text.",
            "Search for three quotes from the top, in pairs.",
            "Where should this text end?",
        ],
    ),
    (
        &[Template::NeverClosed],
        [
            "A bracket was opened and not closed.",
            "The message points at the bracket that stays open. Count the brackets of that line in \
             pairs.",
            "Which closing bracket belongs to it, and where should it stand?",
        ],
    ),
    (
        &[Template::UnmatchedBracket],
        [
            "A closing bracket has no partner, or its partner is of another kind.",
            "Go through the line from the left: each opening bracket adds one, each closing one \
             takes one away.",
            "At which bracket does your count go wrong?",
        ],
    ),
    (
        &[Template::MissingParenthesis],
        [
            "A round bracket is missing where Python needs one. Behind the name of a function \
             there are always two, even with nothing in between.",
            "Look at what follows the name in that line.",
            "How does a line with `def` look in an example of the course?",
        ],
    ),
    (
        &[Template::MissingColon],
        [
            "A line that begins a block (`if`, `for`, `while`, `def`, ...) must end with a colon.",
            "Look at the end of that line. `else if` is one word in Python.",
            "Which sign tells Python that a block begins here?",
        ],
    ),
    (
        &[Template::MissingComma],
        [
            "Two things stand side by side, and nothing says what they have to do with each other. \
             A comma, an operator or a quote may be missing between them.",
            "Look at the two things above the `^` signs.",
            "Are these two values, or should they be one?",
        ],
    ),
    (
        &[Template::AssignToValue],
        [
            "On the left of `=` stands something that can't get a value, such as a number, a text \
             or a call. `=` gives the value on its right to the name on its left; `==` compares.",
            "Look at what stands on the left of the `=`.",
            "Do you want to give a value or to compare two?",
        ],
    ),
    (
        &[Template::EqualsInCondition],
        [
            "There is one `=` where Python expects a question. `=` gives a value; `==` asks \
             whether two are equal.",
            "Look for the `=` in that line.",
            "Does this line give a value to a name, or does it ask something?",
        ],
    ),
    (
        &[Template::PrintParentheses],
        [
            "`print` is a function: what it prints stands in round brackets. Examples without \
             them were written for Python 2.",
            "Look at what follows `print`.",
            "Where does the text that you print begin, and where does it end?",
        ],
    ),
    (
        &[Template::OutsideFunction],
        [
            "`return`, `yield` and `await` only make sense inside of a function, and this line is \
             in none.",
            "Look at how far this line is moved in, and at the `def` above it.",
            "To which function should this line belong?",
        ],
    ),
    (
        &[Template::OutsideLoop],
        [
            "`break` and `continue` only make sense inside of a loop, and this line is in none.",
            "Look at how far this line is moved in, and at the `for` or `while` above it.",
            "Which loop should it end?",
        ],
    ),
    (
        &[Template::UnexpectedEnd],
        [
            "The program ends although something isn't finished: a bracket is still open, or a \
             block has no line yet.",
            "Go up from the end and look for an open bracket, or a line with `:` and nothing below \
             it.",
            "What did you begin last, and where does it end?",
        ],
    ),
    (
        &[Template::InvalidCharacter],
        [
            "There is a character that Python doesn't know. Curly quotes and special spaces come \
             along when text is copied from a web page or a word processor.",
            "Type the quotes and spaces of that line again by hand.",
            "Which signs of this line did you not type yourself?",
        ],
    ),
    (
        &[Template::InvalidNumber],
        [
            "Something begins like a number and isn't one. A name can't begin with a digit, and a \
             whole number not with 0.",
            "Look at the first digit that the `^` points at.",
            "Should this be a number, a name or a text?",
        ],
    ),
    (
        &[Template::LineContinuation],
        [
            "A `\\` outside of a text says that the line goes on below, so nothing may follow it.",
            "Look for the `\\` in that line. To divide, Python uses `/`; in a text `\\n` stands \
             inside of the quotes.",
            "What did you want the `\\` to do?",
        ],
    ),
    (
        &[Template::PositionalAfterKeyword],
        [
            "In a call the values without a name come first, those with `name=` after them.",
            "Look at the order of the values between the brackets.",
            "Which value without a name stands behind one with a name?",
        ],
    ),
    (
        &[Template::DefaultBeforeRequired],
        [
            "In a line with `def` the parameters that must be given come first, those with a \
             default after them.",
            "Look at the order of the parameters.",
            "Which parameter has no default and stands behind one that has?",
        ],
    ),
    (
        &[Template::FString],
        [
            "Inside of an f-string something is wrong between the curly brackets.",
            "Look at each `{` and its `}`, and at the quotes between them.",
            "If you write what stands between the brackets on a line of its own, can Python read \
             it?",
        ],
    ),
    (
        &[Template::StringEscape],
        [
            "In a text `\\` begins a special sign, and `\\U` a very long one. A path of Windows is \
             full of them.",
            "Look for `\\` in the text.",
            "How can you tell Python to take each `\\` as it stands?",
        ],
    ),
    (
        &[Template::ArgumentRepeated],
        [
            "The same name stands twice between the brackets.",
            "Read the names between the brackets one by one.",
            "Which of the two did you mean, and what should the other be called?",
        ],
    ),
    (
        &[Template::ScopeDeclaration],
        [
            "`global` and `nonlocal` say where a name lives. They must come before the name is \
             used, and the name must exist there.",
            "Look for the first line of the function that uses this name.",
            "Could the function get the value as a parameter instead?",
        ],
    ),
    (
        &[Template::DictionaryValue],
        [
            "In a dictionary each key has a value: `key: value`. One of the two is missing here.",
            "Go through the curly brackets pair by pair.",
            "Which key has no value, or where is a `:` missing?",
        ],
    ),
    (
        &[Template::ConditionalWithoutElse],
        [
            "`a if condition else b` chooses between two values, so it needs both.",
            "Look for the `else` in that line.",
            "Which value should it have when the condition is false?",
        ],
    ),
    (
        &[Template::TryWithoutExcept],
        [
            "A `try` says what could go wrong; without an `except` or a `finally` nobody says what \
             to do then.",
            "Look below the block of `try`, and how far the lines are moved in.",
            "What should happen when something goes wrong in there?",
        ],
    ),
];
