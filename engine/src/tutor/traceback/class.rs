//! The classes of exceptions that an error may belong to: Python's built-in ones, or `custom`.

use serde::{Deserialize, Serialize};

macro_rules! error_classes {
    ($($name:ident)*) => {
        /// A built-in exception class of Python 3.8 to 3.13, or [`ErrorClass::Custom`].
        ///
        /// Stored by position: a new class goes to the end.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum ErrorClass {
            /// A class that somebody wrote: its name is theirs, and stands nowhere but in the text.
            #[serde(rename = "custom")]
            Custom,
            $(#[doc = concat!("`", stringify!($name), "`.")] $name,)*
        }

        impl ErrorClass {
            /// All of them, by position.
            pub const ALL: &[Self] = &[Self::Custom, $(Self::$name,)*];

            /// The class's name in Python, or `custom`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    Self::Custom => "custom",
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

error_classes! {
    BaseException Exception ArithmeticError AssertionError AttributeError BaseExceptionGroup
    BlockingIOError BrokenPipeError BufferError BytesWarning ChildProcessError
    ConnectionAbortedError ConnectionError ConnectionRefusedError ConnectionResetError
    DeprecationWarning EOFError EncodingWarning ExceptionGroup FileExistsError FileNotFoundError
    FloatingPointError FutureWarning GeneratorExit ImportError ImportWarning IndentationError
    IndexError InterruptedError IsADirectoryError KeyError KeyboardInterrupt LookupError MemoryError
    ModuleNotFoundError NameError NotADirectoryError NotImplementedError OSError OverflowError
    PendingDeprecationWarning PermissionError ProcessLookupError PythonFinalizationError
    RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning StopAsyncIteration
    StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError TypeError
    UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError
    UnicodeWarning UserWarning ValueError Warning ZeroDivisionError
}

/// Other names of built-in classes, and classes of the standard library that learners meet, with
/// the built-in class that they derive from.
const RELATIVES: &[(&str, ErrorClass)] = &[
    ("EnvironmentError", ErrorClass::OSError),
    ("IOError", ErrorClass::OSError),
    ("WindowsError", ErrorClass::OSError),
    ("_IncompleteInputError", ErrorClass::SyntaxError),
    ("JSONDecodeError", ErrorClass::ValueError),
    ("json.decoder.JSONDecodeError", ErrorClass::ValueError),
    ("json.JSONDecodeError", ErrorClass::ValueError),
    ("binascii.Error", ErrorClass::ValueError),
    ("dataclasses.FrozenInstanceError", ErrorClass::AttributeError),
    ("decimal.DivisionByZero", ErrorClass::ZeroDivisionError),
    ("decimal.InvalidOperation", ErrorClass::ArithmeticError),
    ("io.UnsupportedOperation", ErrorClass::OSError),
    ("shutil.SameFileError", ErrorClass::OSError),
    ("socket.gaierror", ErrorClass::OSError),
    ("socket.timeout", ErrorClass::TimeoutError),
    ("statistics.StatisticsError", ErrorClass::ValueError),
    ("urllib.error.HTTPError", ErrorClass::OSError),
    ("urllib.error.URLError", ErrorClass::OSError),
];

impl ErrorClass {
    /// The class of an exception as Python names it: dotted, unless it is built in.
    pub fn of_name(name: &str) -> Self {
        let name = name.strip_prefix("builtins.").unwrap_or(name);
        Self::built_in(name).unwrap_or_else(|| {
            let known = RELATIVES.iter().find(|(relative, _)| *relative == name);
            known.map_or(Self::Custom, |(_, class)| *class)
        })
    }

    /// The built-in class of exactly this name.
    pub(super) fn built_in(name: &str) -> Option<Self> {
        let named = |class: &&Self| class.as_str() == name && **class != Self::Custom;
        Self::ALL.iter().find(named).copied()
    }

    /// Whether only a program that can't be read is of this class.
    pub fn is_syntax(self) -> bool {
        [Self::SyntaxError, Self::IndentationError, Self::TabError].contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_its_class() {
        let cases = [
            ("ValueError", ErrorClass::ValueError),
            ("FileNotFoundError", ErrorClass::FileNotFoundError),
            ("builtins.KeyError", ErrorClass::KeyError),
            ("IOError", ErrorClass::OSError),
            ("json.decoder.JSONDecodeError", ErrorClass::ValueError),
            ("requests.exceptions.ConnectionError", ErrorClass::Custom),
            ("__main__.f.<locals>.ValueError", ErrorClass::Custom),
            ("OutOfStock", ErrorClass::Custom),
            ("custom", ErrorClass::Custom),
            ("valueerror", ErrorClass::Custom),
            ("", ErrorClass::Custom),
        ];
        for (name, class) in cases {
            assert_eq!(ErrorClass::of_name(name), class, "{name}");
        }
    }

    #[test]
    fn a_class_is_its_name_in_json_and_its_position_in_a_snapshot() {
        for (position, class) in ErrorClass::ALL.iter().enumerate() {
            assert_eq!(serde_json::to_string(class).unwrap(), format!("{:?}", class.as_str()));
            let bytes = postcard::to_stdvec(class).unwrap();
            assert_eq!(bytes, [u8::try_from(position).unwrap()], "{class:?}");
        }
    }
}
