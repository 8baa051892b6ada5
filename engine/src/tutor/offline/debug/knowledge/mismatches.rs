//! Values of a type that doesn't fit.

use super::{Row, Template};

pub(super) const TABLE: &[Row] = &[
    (
        &[Template::ConcatenateStr],
        [
            "You add text and something that isn't text. `+` joins two texts or adds two numbers, \
             but it doesn't mix them.",
            "Find the `+` in that line and say for each side whether it is text or a number.",
            "Do you want to calculate or to build a text? And which of the two sides would have to \
             be converted for that?",
        ],
    ),
    (
        &[Template::ConcatenateList],
        [
            "You add a list, or a tuple, and something that is none. `+` joins two lists; it \
             doesn't put a single item in.",
            "Say for each side of the `+` whether it is a list or a single item.",
            "Do you want to join two lists, or to add one item at the end?",
        ],
    ),
    (
        &[Template::UnsupportedOperands],
        [
            "The two sides of an operator have types that don't go together. The message names the \
             types.",
            "Say for each side of the operator where its value comes from. What `input()` gives is \
             always text.",
            "Which of the two sides has a type that you didn't expect, and where was it made?",
        ],
    ),
    (
        &[Template::NoneOperand],
        [
            "One side of an operator is `None`, which means: a value that you count on isn't \
             there. A function that prints its result but doesn't `return` it gives `None`.",
            "Find out which side is `None`, and which line made it.",
            "What does the function that made this value give back?",
        ],
    ),
    (
        &[Template::NotComparable],
        [
            "You compare two things that have no order together, such as text and a number. Text \
             from `input()` looks like a number, but it is text.",
            "Look at both sides of `<`, `>`, `<=` or `>=`.",
            "Which side is text, and when should it become a number?",
        ],
    ),
    (
        &[Template::NotSubscriptable],
        [
            "You use square brackets on something that has no parts, for example a number or a \
             function.",
            "Look at the value before the square brackets. After a function, round brackets call \
             it.",
            "What type has the value in front of the brackets, and which type did you expect?",
        ],
    ),
    (
        &[Template::NoneNotSubscriptable],
        [
            "You use square brackets on `None`: the list or text that you count on isn't there. \
             Methods such as `sort()` or `append()` change the list itself and give `None` back.",
            "Find the line that gave this name its value.",
            "What does the right side of that line really give back?",
        ],
    ),
    (
        &[Template::NotIterable],
        [
            "A loop or a function wants to go through something that has no items, such as a whole \
             number.",
            "Look at what stands after `in`, or on the right of `=`.",
            "Do you want to count up to a number? What does Python offer to make a row of numbers \
             out of one?",
        ],
    ),
    (
        &[Template::NoneNotIterable],
        [
            "A loop, `in`, or several names before a `=` want to go through `None`: the list or \
             text that you count on isn't there.",
            "Find the line that made this value. A function without `return` gives `None`, and so \
             does `sort()`.",
            "What should that line have given back?",
        ],
    ),
    (
        &[Template::ItemAssignment],
        [
            "You want to change one part of something that can't change: a text or a tuple stays \
             as it was made.",
            "Look at the value before the square brackets: is it a text, a tuple, or a list?",
            "Would a list fit better here, or do you want to make a new value from the old one?",
        ],
    ),
    (
        &[Template::IndexNotInteger],
        [
            "The places of a list or a text are whole numbers, and you ask with something else. \
             Often the loop gives the items themselves, and not their places.",
            "Look at what stands in the square brackets, and where it gets its value.",
            "Is the name in the brackets a place, or is it already the item?",
        ],
    ),
    (
        &[Template::NotAnInteger],
        [
            "A whole number is needed here, and you gave something else, often text from `input()` \
             or the result of `/`, which is never a whole number type.",
            "Look at what you hand to `range` or to the function in that line.",
            "What type has this value, and where did it get it?",
        ],
    ),
    (
        &[Template::NumberArgumentType],
        [
            "`int(...)` and `float(...)` make a number out of a text or another number. You gave \
             them something else, such as a list or `None`.",
            "Print what stands between the brackets just before that line.",
            "Which single value out of it should become a number?",
        ],
    ),
    (
        &[Template::Unhashable],
        [
            "A key of a dictionary, or an item of a set, must be something that can't change. A \
             list or a dictionary can.",
            "Look at what you use as the key, or what you put into the set.",
            "Which value that never changes could stand for it?",
        ],
    ),
    (
        &[Template::JoinNeedsText],
        [
            "`join` puts texts together, and what it got isn't a row of texts. The message says \
             which item it stumbled over.",
            "Print what you give to `join`, with `repr(...)`, and look at the type of the items.",
            "What would have to happen to each item before it can be joined?",
        ],
    ),
    (
        &[Template::NoLength],
        [
            "`len(...)` counts items or characters, and this value has none: a number, for \
             example.",
            "Look at what stands between the brackets of `len`.",
            "Do you want to know how many digits it has, or how many items something else has?",
        ],
    ),
    (
        &[Template::NotJsonSerializable],
        [
            "JSON knows texts, numbers, lists, dictionaries, true, false and null. Something in \
             your data is of another type; the message names it.",
            "Search your data for a value of that type, such as a set or a date.",
            "As which of the types that JSON knows could this value be written?",
        ],
    ),
    (
        &[Template::FormatMismatch],
        [
            "The places with `%` in the text and the values behind it don't match in number or \
             type.",
            "Count the places with `%`, and count the values.",
            "Which place has no value, or which value has no place?",
        ],
    ),
    (
        &[Template::SequenceMultiplied],
        [
            "A text or list can be repeated a whole number of times, but you multiply it by \
             something else. Two numbers that came from `input()` are two texts.",
            "Say for each side of the `*` whether it is text or a number.",
            "Do you want to repeat a text, or to multiply two numbers?",
        ],
    ),
    (
        &[Template::TextExpected],
        [
            "A text is needed here, and you gave something else, often a number.",
            "Look at what you hand to the function in that line.",
            "How does this value become text?",
        ],
    ),
];
