//! What Python's usual errors mean, in plain words.

mod syntax;

use crate::tutor::triage::source::ErrorLine;

/// What to say about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Advice {
    /// The heading.
    pub(super) name: &'static str,
    /// What it means.
    pub(super) meaning: &'static str,
    /// Where to look.
    pub(super) look: &'static str,
    /// A question that leads on.
    pub(super) question: &'static str,
}

/// The advice for an error: the first row whose name fits and whose words stand in the message.
pub(super) fn advice(error: &ErrorLine<'_>) -> Advice {
    let row = TABLE
        .iter()
        .chain(syntax::TABLE)
        .find(|(name, words, _)| *name == error.name && error.message.contains(words));
    row.map_or(UNKNOWN, |(name, _, [meaning, look, question])| Advice {
        name,
        meaning,
        look,
        question,
    })
}

const UNKNOWN: Advice = Advice {
    name: "An error stopped your program",
    meaning: "Python met something that it can't do and stopped there. The last line of the message \
              says what, the lines above it say where.",
    look: "Read that line slowly, and every value it uses.",
    question: "What did you expect this line to do, and which value could be different from what \
               you think?",
};

pub(super) type Row = (&'static str, &'static str, [&'static str; 3]);

/// (error, words of its message, [meaning, where to look, question]). Empty words fit always, so
/// each error's row with empty words comes last.
const TABLE: &[Row] = &[
    (
        "NameError",
        "",
        [
            "Python doesn't know a name that you use. Either it is spelt in another way than where you \
         made it, or the line that makes it hasn't run yet, or it is text that lacks its quotes.",
            "Compare the spelling with the place where you gave it a value: capital letters count too.",
            "In which line does this name get its value, and does that line run before the one with \
         the error?",
        ],
    ),
    (
        "UnboundLocalError",
        "",
        [
            "A function uses a name before it has a value there. A name that gets a value anywhere in a \
         function belongs to that function, even if the same name exists outside.",
            "Look for the first line of the function that gives this name a value.",
            "Should the function change the outer value, or should it get it as a parameter and return \
         the new one?",
        ],
    ),
    (
        "TypeError",
        "can only concatenate str",
        [
            "You add text and something that isn't text. `+` joins two texts or adds two numbers, but \
         it doesn't mix them.",
            "Find the `+` in that line and say for each side whether it is text or a number.",
            "Do you want to calculate or to build a text? And which of the two sides would have to be \
         converted for that?",
        ],
    ),
    (
        "TypeError",
        "unsupported operand",
        [
            "The two sides of an operator have types that don't go together. The message names both \
         types.",
            "Say for each side of the operator where its value comes from. What `input()` gives is \
         always text; what a function without `return` gives is `None`.",
            "Which of the two sides has a type that you didn't expect, and where was it made?",
        ],
    ),
    (
        "TypeError",
        "not callable",
        [
            "You put round brackets after something that isn't a function. Often a variable has taken \
         the name of a function, such as `list`, `sum` or `input`.",
            "Look at the name before the brackets, and whether you gave that name a value earlier.",
            "Which of your variables has the same name as a function that Python brings along?",
        ],
    ),
    (
        "TypeError",
        "not subscriptable",
        [
            "You use square brackets on something that has no parts, for example a number or `None`.",
            "Look at the value before the square brackets.",
            "Where does this value come from, and could it be a number or `None` there?",
        ],
    ),
    (
        "TypeError",
        "not iterable",
        [
            "A loop or a function wants to go through something that has no items, such as a whole \
         number.",
            "Look at what stands after `in`.",
            "Do you want to count up to a number? What does Python offer to make a row of numbers out \
         of one?",
        ],
    ),
    (
        "TypeError",
        "positional argument",
        [
            "A function is called with more or fewer values than it has parameters. The message says \
         how many it wants.",
            "Put the line with `def` and the line with the call side by side and count. In a class \
         remember that `self` is the first parameter.",
            "Which value is one too many, or which one is missing?",
        ],
    ),
    (
        "TypeError",
        "cannot be interpreted as an integer",
        [
            "A whole number is needed here, and you gave something else, often text from `input()` or \
         the result of `/`, which is never a whole number type.",
            "Look at what you hand to `range` or to the function in that line.",
            "What type has this value, and where did it get it?",
        ],
    ),
    (
        "TypeError",
        "not supported between",
        [
            "You compare two things that have no order together, such as text and a number. Text from \
         `input()` looks like a number, but it is text.",
            "Look at both sides of `<`, `>`, `<=` or `>=`.",
            "Which side is text, and when should it become a number?",
        ],
    ),
    (
        "TypeError",
        "",
        [
            "An operation got a value of a type that it can't work with, for example text where a \
         number is needed.",
            "Check for each value in that line which type it has: `type(x)` tells you.",
            "Which value has another type than you expect?",
        ],
    ),
    (
        "ValueError",
        "invalid literal for int()",
        [
            "`int(...)` got a text that isn't a whole number. Letters, an empty text or a decimal point \
         are enough for that.",
            "The message shows the text in quotes at its end. Compare it with what you typed.",
            "What could a person type here that isn't a whole number, and what should your program do \
         then?",
        ],
    ),
    (
        "ValueError",
        "could not convert string to float",
        [
            "`float(...)` got a text that isn't a number. A decimal comma instead of a point is a \
         common reason, or an empty text.",
            "The message shows the text at its end.",
            "Which character of this text doesn't belong to a number?",
        ],
    ),
    (
        "ValueError",
        "unpack",
        [
            "The number of names on the left of `=` isn't the number of values on the right.",
            "Count both sides; print the right side if you aren't sure.",
            "How many values are there really on the right?",
        ],
    ),
    (
        "ValueError",
        "",
        [
            "The type is right, but this value makes no sense here.",
            "Look at the value that you hand to the function in that line.",
            "Which values does this function accept, and which one did it get?",
        ],
    ),
    (
        "IndexError",
        "",
        [
            "You ask for a place that a list or text doesn't have. Places are counted from 0, so with \
         three items the last place is 2.",
            "Look at the number in the square brackets and at how long the list is: `len(...)` tells \
         you.",
            "What is the smallest and the biggest value that your index takes, and is there an item \
         at both?",
        ],
    ),
    (
        "KeyError",
        "",
        [
            "You ask a dictionary for a key that isn't in it. The message shows the key.",
            "Print the dictionary just before that line and compare the keys: spelling, capital \
         letters, and whether it is text or a number.",
            "Is the key written in another way, or was it never put in?",
        ],
    ),
    (
        "AttributeError",
        "NoneType",
        [
            "You use a `.` on `None`, which means: a value that you count on isn't there. Often a \
         function gave nothing back, or a method such as `sort()` changed the list itself and gave \
         `None`.",
            "Find where the value before the dot was made.",
            "Which line made this value, and does that function return something?",
        ],
    ),
    (
        "AttributeError",
        "",
        [
            "This kind of value has no such attribute or method. The message names the type and the \
         name that it doesn't know.",
            "Check the spelling after the dot, and the type of what stands before it.",
            "Do you have the type in front of the dot that you think you have?",
        ],
    ),
    (
        "ZeroDivisionError",
        "",
        [
            "A number is divided by zero, and that has no result.",
            "Look at what stands after `/`, `//` or `%`.",
            "In which case does this value become 0, and what should the program do then?",
        ],
    ),
    (
        "ModuleNotFoundError",
        "",
        [
            "Python can't find the module that you import. Either its name is spelt in another way, or \
         it isn't installed for the Python that runs your program.",
            "Check the spelling first. Modules that don't come with Python have to be installed once.",
            "Does this module come with Python, or does it have to be installed?",
        ],
    ),
    (
        "ImportError",
        "",
        [
            "The module was found, but not the name that you want from it. A file of your own with the \
         same name as a module is a common reason.",
            "Check the spelling of the name, and the names of your own files.",
            "Is one of your files called like the module that you import?",
        ],
    ),
    (
        "FileNotFoundError",
        "",
        [
            "There is no file with this name in the place where Python looks, which is the folder in \
         which the program was started.",
            "Compare the name letter by letter, with its ending, and check the folder.",
            "In which folder is the file, and in which one does your program run?",
        ],
    ),
    (
        "RecursionError",
        "",
        [
            "A function calls itself again and again and never comes to an end.",
            "Look for the case in which it should *not* call itself any more.",
            "Does every call bring it nearer to that case?",
        ],
    ),
    (
        "EOFError",
        "",
        [
            "`input()` wanted to read a line, but there was nothing more to read.",
            "Count how many times your program asks, and how many lines it gets.",
            "Does a loop ask once more than you thought?",
        ],
    ),
    (
        "KeyboardInterrupt",
        "",
        [
            "Somebody stopped the program by hand with Ctrl+C. If you did it because it never ended, \
         then the loop is what to look at.",
            "Look at the condition of the loop in which it was stopped.",
            "Which line inside the loop makes the condition become false one day?",
        ],
    ),
    (
        "JSONDecodeError",
        "",
        [
            "The text isn't valid JSON. JSON wants double quotes, no comma after the last item, and \
         `true`, `false` and `null` in lower case.",
            "The message names line and column of the place where it stopped understanding.",
            "Is it really JSON that you read, or an empty text or an error page?",
        ],
    ),
    (
        "AssertionError",
        "",
        [
            "An `assert` says what must be true at that place, and it wasn't.",
            "Read the condition after `assert` and print both sides of it.",
            "Is the condition wrong, or does an earlier line break it?",
        ],
    ),
];
