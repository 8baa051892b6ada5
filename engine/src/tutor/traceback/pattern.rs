//! Which template a message is: Python's wordings from 3.8 to 3.13, one row each.

use super::class::ErrorClass;
use super::template::Template;

/// Bytes of a message that are looked at: Python's own words stand at its beginning.
const READ_LIMIT_BYTES: usize = 512;

/// What a message of this class says; the first row that fits.
pub(super) fn template(class: ErrorClass, message: &str) -> Template {
    worded(class, message).unwrap_or_else(|| {
        let alone = BY_CLASS.iter().find(|(of, _)| *of == class);
        alone.map_or(Template::Other, |(_, template)| *template)
    })
}

/// The template whose words stand in a message. `None` where only the class is known.
pub(super) fn worded(class: ErrorClass, message: &str) -> Option<Template> {
    let family = FAMILIES.iter().find(|(member, _)| *member == class);
    let family = family.map_or(class, |(_, family)| *family);
    let mut line = message.lines().next().unwrap_or_default();
    if line.len() > READ_LIMIT_BYTES {
        let end = (0..=READ_LIMIT_BYTES).rev().find(|at| line.is_char_boundary(*at));
        line = &line[..end.unwrap_or(0)];
    }
    let rows = WORDED.iter().filter(|(of, _)| *of == family).flat_map(|(_, rows)| *rows);
    rows.clone().find(|(words, _)| fits(line, words)).map(|(_, template)| *template)
}

/// Whether the pieces of a pattern, parted by `*`, stand in a line in this order.
fn fits(line: &str, words: &str) -> bool {
    let mut rest = Some(line);
    for piece in words.split('*') {
        rest = rest.and_then(|rest| rest.find(piece).map(|at| &rest[at + piece.len()..]));
    }
    rest.is_some()
}

/// Classes whose messages stand among those of another.
const FAMILIES: &[(ErrorClass, ErrorClass)] = &[
    (ErrorClass::UnboundLocalError, ErrorClass::NameError),
    (ErrorClass::ModuleNotFoundError, ErrorClass::ImportError),
    (ErrorClass::IndentationError, ErrorClass::SyntaxError),
    (ErrorClass::TabError, ErrorClass::SyntaxError),
    (ErrorClass::UnicodeDecodeError, ErrorClass::ValueError),
    (ErrorClass::UnicodeEncodeError, ErrorClass::ValueError),
    (ErrorClass::UnicodeError, ErrorClass::ValueError),
    (ErrorClass::FileNotFoundError, ErrorClass::OSError),
    (ErrorClass::RecursionError, ErrorClass::RuntimeError),
    (ErrorClass::ZeroDivisionError, ErrorClass::ArithmeticError),
    (ErrorClass::OverflowError, ErrorClass::ArithmeticError),
];

/// Classes that say enough by themselves.
const BY_CLASS: &[(ErrorClass, Template)] = &[
    (ErrorClass::KeyError, Template::KeyMissing),
    (ErrorClass::ZeroDivisionError, Template::DivisionByZero),
    (ErrorClass::RecursionError, Template::RecursionDepth),
    (ErrorClass::FileNotFoundError, Template::NoSuchFile),
    (ErrorClass::ModuleNotFoundError, Template::NoModule),
    (ErrorClass::EOFError, Template::EndOfInput),
    (ErrorClass::TabError, Template::InconsistentTabs),
    (ErrorClass::UnicodeDecodeError, Template::CannotDecode),
    (ErrorClass::UnicodeEncodeError, Template::CannotEncode),
    (ErrorClass::OverflowError, Template::NumberTooLarge),
];

type Row = (&'static str, Template);

const WORDED: &[(ErrorClass, &[Row])] = &[
    (ErrorClass::NameError, NAMES),
    (ErrorClass::TypeError, CALLS),
    (ErrorClass::TypeError, TYPES),
    (ErrorClass::ValueError, VALUES),
    (ErrorClass::ValueError, JSON),
    (ErrorClass::IndexError, INDICES),
    (ErrorClass::KeyError, KEYS),
    (ErrorClass::AttributeError, ATTRIBUTES),
    (ErrorClass::ImportError, IMPORTS),
    (ErrorClass::OSError, FILES),
    (ErrorClass::ArithmeticError, NUMBERS),
    (ErrorClass::RuntimeError, RUNNING),
    (ErrorClass::EOFError, &[("EOF when reading a line", Template::EndOfInput)]),
    (ErrorClass::SyntaxError, BLOCKS),
    (ErrorClass::SyntaxError, SYNTAX),
];

const NAMES: &[Row] = &[
    ("local variable '*' referenced before assignment", Template::LocalUnset),
    ("cannot access local variable '", Template::LocalUnset),
    ("free variable '*' referenced before assignment", Template::NameNotDefined),
    ("cannot access free variable '", Template::NameNotDefined),
    ("name '*' is not defined", Template::NameNotDefined),
];

const CALLS: &[Row] = &[
    ("missing * required positional argument", Template::MissingArgument),
    ("missing * required keyword-only argument", Template::MissingArgument),
    ("missing required argument", Template::MissingArgument),
    ("got multiple values for argument", Template::ArgumentGivenTwice),
    ("got an unexpected keyword argument", Template::UnexpectedKeyword),
    ("is an invalid keyword argument for", Template::UnexpectedKeyword),
    ("takes no keyword arguments", Template::UnexpectedKeyword),
    ("takes no arguments", Template::ArgumentCount),
    ("takes * argument*given", Template::ArgumentCount),
    ("expected * argument*got", Template::ArgumentCount),
];

const TYPES: &[Row] = &[
    ("unsupported operand type(s) for *'NoneType'", Template::NoneOperand),
    ("unsupported operand type(s) for", Template::UnsupportedOperands),
    ("bad operand type for", Template::UnsupportedOperands),
    ("can only concatenate str (not", Template::ConcatenateStr),
    ("can only concatenate list (not", Template::ConcatenateList),
    ("can only concatenate tuple (not", Template::ConcatenateList),
    ("' not supported between instances of '", Template::NotComparable),
    ("' object is not callable", Template::NotCallable),
    ("'NoneType' object is not subscriptable", Template::NoneNotSubscriptable),
    ("' object is not subscriptable", Template::NotSubscriptable),
    ("type '*' is not subscriptable", Template::NotSubscriptable),
    ("'NoneType' object is not iterable", Template::NoneNotIterable),
    ("argument of type 'NoneType' is not", Template::NoneNotIterable),
    ("cannot unpack non-iterable NoneType object", Template::NoneNotIterable),
    ("' object is not iterable", Template::NotIterable),
    ("argument of type '*' is not", Template::NotIterable),
    ("cannot unpack non-iterable", Template::NotIterable),
    ("can only join an iterable", Template::JoinNeedsText),
    ("' object does not support item assignment", Template::ItemAssignment),
    ("does not support item deletion", Template::ItemAssignment),
    ("doesn't support item deletion", Template::ItemAssignment),
    (" indices must be integers", Template::IndexNotInteger),
    ("' object cannot be interpreted as an integer", Template::NotAnInteger),
    ("int() argument must be", Template::NumberArgumentType),
    ("float() argument must be", Template::NumberArgumentType),
    ("unhashable type: '", Template::Unhashable),
    ("sequence item *: expected str instance", Template::JoinNeedsText),
    ("object of type '*' has no len()", Template::NoLength),
    ("Can't instantiate abstract class", Template::AbstractClass),
    ("Object of type * is not JSON serializable", Template::NotJsonSerializable),
    ("not all arguments converted during string formatting", Template::FormatMismatch),
    ("not enough arguments for format string", Template::FormatMismatch),
    ("format: a * number is required", Template::FormatMismatch),
    ("format: a number is required", Template::FormatMismatch),
    ("can't multiply sequence by non-int", Template::SequenceMultiplied),
    ("' object does not support the context manager protocol", Template::NotAContextManager),
    ("exceptions must derive from BaseException", Template::NotAnException),
    ("catching classes that do not inherit from BaseException", Template::NotAnException),
    ("argument must be str, not", Template::TextExpected),
    ("string argument expected, got", Template::TextExpected),
    ("first arg must be str", Template::TextExpected),
    ("must be str, not", Template::TextExpected),
];

const VALUES: &[Row] = &[
    ("invalid literal for int() with base", Template::IntLiteral),
    ("could not convert string to float", Template::FloatLiteral),
    ("too many values to unpack", Template::TooManyToUnpack),
    ("not enough values to unpack", Template::TooFewToUnpack),
    (".remove(x): x not in", Template::NotInList),
    (".index(x): x not in", Template::NotInList),
    (" is not in list", Template::NotInList),
    ("substring not found", Template::SubstringNotFound),
    ("arg is an empty sequence", Template::EmptySequence),
    ("iterable argument is empty", Template::EmptySequence),
    ("math domain error", Template::MathDomain),
    ("expected a nonnegative input", Template::MathDomain),
    ("I/O operation on closed file", Template::ClosedFile),
    ("invalid mode: ", Template::FileMode),
    ("must have exactly one of create/read/write/append mode", Template::FileMode),
    ("range() arg 3 must not be zero", Template::ZeroStep),
    ("slice step cannot be zero", Template::ZeroStep),
    ("codec can't decode", Template::CannotDecode),
    ("codec can't encode", Template::CannotEncode),
    ("for integer string conversion", Template::NumberTooLarge),
];

const JSON: &[Row] = &[
    ("Expecting value: line", Template::JsonValue),
    ("Illegal trailing comma before end of array: line", Template::JsonValue),
    ("Expecting property name enclosed in double quotes: line", Template::JsonPropertyName),
    ("Illegal trailing comma before end of object: line", Template::JsonPropertyName),
    ("Expecting '*' delimiter: line", Template::JsonStructure),
    ("Extra data: line", Template::JsonStructure),
    ("Unterminated string starting at: line", Template::JsonStructure),
    ("Invalid control character at: line", Template::JsonStructure),
    ("escape: line", Template::JsonStructure),
];

const INDICES: &[Row] = &[
    ("index out of range", Template::IndexOutOfRange),
    ("pop from empty list", Template::PopFromEmpty),
    ("pop from an empty deque", Template::PopFromEmpty),
    ("Cannot choose from an empty sequence", Template::EmptySequence),
];

const KEYS: &[Row] = &[
    ("pop from an empty set", Template::PopFromEmpty),
    ("popitem(): dictionary is empty", Template::PopFromEmpty),
];

const ATTRIBUTES: &[Row] = &[
    ("(most likely due to a circular import)", Template::CircularImport),
    ("'NoneType' object has no attribute '", Template::NoneAttribute),
    ("module '*' has no attribute '", Template::ModuleAttribute),
    ("' object has no attribute '", Template::NoAttribute),
    ("type object '*' has no attribute '", Template::NoAttribute),
    ("can't set attribute", Template::AttributeReadOnly),
    ("object has no setter", Template::AttributeReadOnly),
    ("object attribute '*' is read-only", Template::AttributeReadOnly),
    // Up to 3.10 `with` looked the method up like any other.
    ("__enter__", Template::NotAContextManager),
    ("__exit__", Template::NotAContextManager),
];

const IMPORTS: &[Row] = &[
    ("(most likely due to a circular import)", Template::CircularImport),
    ("No module named ", Template::NoModule),
    ("cannot import name '", Template::CannotImportName),
];

const FILES: &[Row] = &[
    ("No such file or directory", Template::NoSuchFile),
    ("The system cannot find the ", Template::NoSuchFile),
    ("not readable", Template::FileMode),
    ("not writable", Template::FileMode),
];

const NUMBERS: &[Row] = &[
    ("division by zero", Template::DivisionByZero),
    ("division or modulo by zero", Template::DivisionByZero),
    ("modulo by zero", Template::DivisionByZero),
    ("float modulo", Template::DivisionByZero),
    ("cannot be raised to a negative power", Template::DivisionByZero),
    ("too large", Template::NumberTooLarge),
    ("math range error", Template::NumberTooLarge),
    ("cannot convert float infinity to integer", Template::NumberTooLarge),
];

const RUNNING: &[Row] = &[
    ("maximum recursion depth exceeded", Template::RecursionDepth),
    ("changed size during iteration", Template::ChangedWhileIterating),
    ("keys changed during iteration", Template::ChangedWhileIterating),
];

const BLOCKS: &[Row] = &[
    ("expected an indented block", Template::ExpectedIndent),
    ("unexpected indent", Template::UnexpectedIndent),
    ("unindent does not match any outer indentation level", Template::UnindentMismatch),
    ("inconsistent use of tabs and spaces", Template::InconsistentTabs),
    ("' outside loop", Template::OutsideLoop),
    ("' not properly in loop", Template::OutsideLoop),
    ("' outside function", Template::OutsideFunction),
    ("' outside async function", Template::OutsideFunction),
    ("expected 'except' or 'finally' block", Template::TryWithoutExcept),
    ("prior to global declaration", Template::ScopeDeclaration),
    ("prior to nonlocal declaration", Template::ScopeDeclaration),
    ("no binding for nonlocal '", Template::ScopeDeclaration),
    ("nonlocal declaration not allowed at module level", Template::ScopeDeclaration),
    ("is parameter and global", Template::ScopeDeclaration),
];

const SYNTAX: &[Row] = &[
    ("EOL while scanning string literal", Template::UnterminatedString),
    ("unterminated string literal", Template::UnterminatedString),
    ("unterminated f-string literal", Template::UnterminatedString),
    ("EOF while scanning triple-quoted string literal", Template::UnterminatedTripleString),
    ("unterminated triple-quoted", Template::UnterminatedTripleString),
    ("f-string: ", Template::FString),
    ("Missing parentheses in call to '", Template::PrintParentheses),
    ("Perhaps you forgot a comma", Template::MissingComma),
    ("Maybe you meant '==' or ':=' instead of '='?", Template::EqualsInCondition),
    ("expression cannot contain assignment, perhaps you meant", Template::EqualsInCondition),
    ("keyword can't be an expression", Template::EqualsInCondition),
    ("cannot assign to ", Template::AssignToValue),
    ("' was never closed", Template::NeverClosed),
    ("unmatched '", Template::UnmatchedBracket),
    ("does not match opening parenthesis", Template::UnmatchedBracket),
    ("expected ':'", Template::MissingColon),
    ("expected '('", Template::MissingParenthesis),
    ("unexpected EOF while parsing", Template::UnexpectedEnd),
    ("incomplete input", Template::UnexpectedEnd),
    ("invalid character", Template::InvalidCharacter),
    ("invalid non-printable character", Template::InvalidCharacter),
    ("leading zeros in decimal integer literals", Template::InvalidNumber),
    ("invalid decimal literal", Template::InvalidNumber),
    ("unexpected character after line continuation character", Template::LineContinuation),
    ("positional argument follows keyword argument", Template::PositionalAfterKeyword),
    ("non-default argument follows default argument", Template::DefaultBeforeRequired),
    (
        "parameter without a default follows parameter with a default",
        Template::DefaultBeforeRequired,
    ),
    ("(unicode error) '", Template::StringEscape),
    ("keyword argument repeated", Template::ArgumentRepeated),
    ("duplicate argument '", Template::ArgumentRepeated),
    ("expected after dictionary key", Template::DictionaryValue),
    ("expected 'else' after 'if' expression", Template::ConditionalWithoutElse),
    ("invalid syntax", Template::InvalidSyntax),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_a_pattern_stand_in_their_order() {
        assert!(fits("f() takes 1 positional argument but 2 were given", "takes * argument*given"));
        assert!(!fits("given takes", "takes * argument*given"));
        assert!(!fits("takes 1 argument", "takes * argument*given"));
        assert!(!fits("", "x"));
    }

    #[test]
    fn words_count_for_their_class_alone() {
        let cases = [
            (ErrorClass::TypeError, "'int' object is not callable", Template::NotCallable),
            (ErrorClass::ValueError, "'int' object is not callable", Template::Other),
            (ErrorClass::Custom, "division by zero", Template::Other),
            (ErrorClass::ValueError, "the age is too big", Template::Other),
            (ErrorClass::KeyError, "'invalid syntax'", Template::KeyMissing),
            (
                ErrorClass::OSError,
                "[WinError 2] The system cannot find the file specified",
                Template::NoSuchFile,
            ),
        ];
        for (class, message, expected) in cases {
            assert_eq!(template(class, message), expected, "{class:?}: {message}");
        }
    }

    #[test]
    fn every_template_has_a_row() {
        let rows = WORDED.iter().flat_map(|(_, rows)| rows.iter().map(|(_, template)| *template));
        let all: Vec<Template> = rows.chain(BY_CLASS.iter().map(|(_, t)| *t)).collect();
        for template in Template::ALL.iter().filter(|template| **template != Template::Other) {
            assert!(all.contains(template), "{template:?}");
        }
    }

    #[test]
    fn only_the_beginning_of_a_message_is_looked_at() {
        let late = format!("{}'int' object is not callable", "ä".repeat(READ_LIMIT_BYTES));
        assert_eq!(template(ErrorClass::TypeError, &late), Template::Other);
    }
}
