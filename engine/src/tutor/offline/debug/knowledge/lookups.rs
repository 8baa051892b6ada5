//! What isn't there: places, keys, attributes, modules.

use super::{Row, Template};

pub(super) const TABLE: &[Row] = &[
    (
        &[Template::IndexOutOfRange],
        [
            "You ask for a place that a list or text doesn't have. Places are counted from 0, so \
             with three items the last place is 2.",
            "Look at the number in the square brackets and at how long the list is: `len(...)` \
             tells you.",
            "What is the smallest and the biggest value that your index takes, and is there an \
             item at both?",
        ],
    ),
    (
        &[Template::PopFromEmpty],
        [
            "You take something out, and nothing is left to be taken.",
            "Print how many items there are just before that line: `len(...)` tells you.",
            "What should your program do when nothing is left?",
        ],
    ),
    (
        &[Template::KeyMissing],
        [
            "You ask a dictionary for a key that isn't in it. The message shows the key.",
            "Print the dictionary just before that line and compare the keys: spelling, capital \
             letters, and whether it is text or a number.",
            "Is the key written in another way, or was it never put in?",
        ],
    ),
    (
        &[Template::NoneAttribute],
        [
            "You use a `.` on `None`, which means: a value that you count on isn't there. Often a \
             function gave nothing back, or a method such as `sort()` changed the list itself and \
             gave `None`.",
            "Find where the value before the dot was made.",
            "Which line made this value, and does that function return something?",
        ],
    ),
    (
        &[Template::NoAttribute],
        [
            "This kind of value has no such attribute or method. The message names the type and \
             the name that it doesn't know.",
            "Check the spelling after the dot, and the type of what stands before it. In a class \
             of your own, look whether `__init__` gives `self` this attribute.",
            "Do you have the type in front of the dot that you think you have?",
        ],
    ),
    (
        &[Template::ModuleAttribute],
        [
            "The module has nothing of this name. Either it is spelt in another way, or a file of \
             your own has the module's name and is imported instead.",
            "Check the spelling after the dot, and the names of your own files.",
            "Is one of your files called like the module?",
        ],
    ),
    (
        &[Template::AttributeReadOnly],
        [
            "This attribute can be read but not set: it is calculated, or it belongs to a type \
             that can't change.",
            "Look for `@property` above a method of this name.",
            "Which other value would have to change, so that this one changes too?",
        ],
    ),
    (
        &[Template::CircularImport],
        [
            "Two files import each other, so one of them isn't finished when the other needs it. \
             A file that imports itself, because it has the name of a module, does the same.",
            "Follow the `import` lines from file to file, and check the names of your files.",
            "Which of the two files could do without the other?",
        ],
    ),
    (
        &[Template::NoModule],
        [
            "Python can't find the module that you import. Either its name is spelt in another \
             way, or it isn't installed for the Python that runs your program.",
            "Check the spelling first. Modules that don't come with Python have to be installed \
             once.",
            "Does this module come with Python, or does it have to be installed?",
        ],
    ),
    (
        &[Template::CannotImportName],
        [
            "The module was found, but not the name that you want from it. A file of your own with \
             the same name as a module is a common reason.",
            "Check the spelling of the name, and the names of your own files. The message says in \
             which file it looked.",
            "Is that the file that you expected?",
        ],
    ),
];
