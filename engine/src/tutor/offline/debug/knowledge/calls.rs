//! Names, and calls of functions and classes.

use super::{Row, Template};

pub(super) const TABLE: &[Row] = &[
    (
        &[Template::NameNotDefined],
        [
            "Python doesn't know a name that you use. Either it is spelt in another way than where \
             you made it, or the line that makes it hasn't run yet, or it is text that lacks its \
             quotes.",
            "Compare the spelling with the place where you gave it a value: capital letters count \
             too.",
            "In which line does this name get its value, and does that line run before the one \
             with the error?",
        ],
    ),
    (
        &[Template::LocalUnset],
        [
            "A function uses a name before it has a value there. A name that gets a value anywhere \
             in a function belongs to that function, even if the same name exists outside.",
            "Look for the first line of the function that gives this name a value.",
            "Should the function change the outer value, or should it get it as a parameter and \
             return the new one?",
        ],
    ),
    (
        &[Template::ArgumentCount],
        [
            "A function is called with more or fewer values than it has parameters. The message \
             says how many it wants and how many it got.",
            "Put the line with `def` and the line with the call side by side and count. In a class \
             remember that `self` is the first parameter.",
            "Which value is one too many, or which one is missing?",
        ],
    ),
    (
        &[Template::MissingArgument],
        [
            "A function is called with fewer values than it needs. The message names the parameter \
             that got none.",
            "Put the line with `def` and the line with the call side by side. A method must be \
             called on an object, not on its class: that is where `self` comes from.",
            "Which value should this parameter get here?",
        ],
    ),
    (
        &[Template::UnexpectedKeyword],
        [
            "You hand over a value by name, and the function has no parameter of that name.",
            "Compare the name before the `=` in the call with the names in the line with `def`, or \
             in the function's description.",
            "How is the parameter that you mean really spelt?",
        ],
    ),
    (
        &[Template::ArgumentGivenTwice],
        [
            "One parameter gets two values: one by its place and one by its name. In a method the \
             first place is taken by `self`.",
            "Number the values of the call and write the parameter's name below each.",
            "Which of the two values should this parameter get?",
        ],
    ),
    (
        &[Template::NotCallable],
        [
            "You put round brackets after something that isn't a function. Often a variable has \
             taken the name of a function, such as `list`, `sum` or `input`, or a `*` is missing \
             between two factors.",
            "Look at the name before the brackets, and whether you gave that name a value earlier.",
            "Which of your variables has the same name as a function that Python brings along?",
        ],
    ),
    (
        &[Template::AbstractClass],
        [
            "You make an object of a class that leaves some methods for its subclasses to write. \
             The message names them.",
            "Look for these methods in the class that you make the object of: name and spelling.",
            "Which class should say what these methods do?",
        ],
    ),
    (
        &[Template::NotAnException],
        [
            "`raise` and `except` work with exceptions only, and you gave them something else, for \
             example a text.",
            "Look at what stands behind `raise` or `except`.",
            "Which kind of exception fits what went wrong, and where does your text belong then?",
        ],
    ),
    (
        &[Template::NotAContextManager],
        [
            "`with` needs something that knows how to begin and how to end, such as an open file. \
             What you gave it doesn't.",
            "Look at what stands between `with` and `as`.",
            "Does this line really open something, or does it only name it?",
        ],
    ),
    (
        &[Template::RecursionDepth],
        [
            "A function calls itself again and again and never comes to an end.",
            "Look for the case in which it should *not* call itself any more.",
            "Does every call bring it nearer to that case?",
        ],
    ),
];
