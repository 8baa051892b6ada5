//! The messages of Python as a closed list: what an error says, without the words in it that are
//! the student's own.

use serde::{Deserialize, Serialize};

macro_rules! templates {
    ($($name:ident $id:literal $doc:literal)*) => {
        /// What a message says, whatever Python's version words it like.
        ///
        /// Stored by position: a new template goes to the end.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[serde(rename_all = "snake_case")]
        pub enum Template {
            $(#[doc = $doc] $name,)*
        }

        impl Template {
            /// All of them, by position.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its id: the same on the wire, in rows and in files.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $id,)*
                }
            }
        }
    };
}

templates! {
    Other "other" "None of the messages below: often somebody's own words."
    NameNotDefined "name_not_defined" "A name that nothing has given a value."
    LocalUnset "local_unset" "A function's own name, read before it has a value."
    ArgumentCount "argument_count" "More or fewer arguments than a function takes."
    MissingArgument "missing_argument" "A parameter without an argument."
    UnexpectedKeyword "unexpected_keyword" "A keyword argument that the function doesn't know."
    ArgumentGivenTwice "argument_given_twice" "One parameter, given by place and by name."
    UnsupportedOperands "unsupported_operands" "Types that an operator doesn't work with."
    NoneOperand "none_operand" "An operator beside `None`."
    ConcatenateStr "concatenate_str" "Text plus something that is no text."
    ConcatenateList "concatenate_list" "A list or tuple plus something else."
    NotComparable "not_comparable" "Two types that have no order."
    NotCallable "not_callable" "Round brackets after what is no function."
    NotSubscriptable "not_subscriptable" "Square brackets after what has no parts."
    NoneNotSubscriptable "none_not_subscriptable" "Square brackets after `None`."
    NotIterable "not_iterable" "A walk through what has no items."
    NoneNotIterable "none_not_iterable" "A walk through `None`."
    ItemAssignment "item_assignment" "A new item in what can't change."
    IndexNotInteger "index_not_integer" "An index that is no whole number."
    NotAnInteger "not_an_integer" "A whole number was needed."
    NumberArgumentType "number_argument_type" "`int()` or `float()` of what is neither text nor number."
    Unhashable "unhashable" "A key, or an item of a set, that can change."
    JoinNeedsText "join_needs_text" "`join` of what is no text."
    NoLength "no_length" "`len()` of what has none."
    AbstractClass "abstract_class" "An object of a class that leaves methods open."
    NotJsonSerializable "not_json_serializable" "JSON of what JSON can't say."
    FormatMismatch "format_mismatch" "`%` with arguments that don't fit."
    SequenceMultiplied "sequence_multiplied" "A sequence times what is no whole number."
    NotAContextManager "not_a_context_manager" "`with` and something that can't be closed."
    NotAnException "not_an_exception" "`raise` or `except` with what is no exception."
    TextExpected "text_expected" "Text was needed."
    IntLiteral "int_literal" "`int()` of a text that is no whole number."
    FloatLiteral "float_literal" "`float()` of a text that is no number."
    TooManyToUnpack "too_many_to_unpack" "More values than names."
    TooFewToUnpack "too_few_to_unpack" "Fewer values than names."
    NotInList "not_in_list" "`remove` or `index` of what isn't there."
    SubstringNotFound "substring_not_found" "`index` of a text that doesn't occur."
    EmptySequence "empty_sequence" "The greatest, smallest or any item of nothing."
    MathDomain "math_domain" "A mathematical function outside of its domain."
    ClosedFile "closed_file" "A file that was closed before."
    FileMode "file_mode" "A file's mode that is unknown, or that doesn't allow this."
    ZeroStep "zero_step" "A step of zero."
    ChangedWhileIterating "changed_while_iterating" "A dictionary or set that changed while a loop walked it."
    JsonValue "json_value" "JSON that lacks a value, or begins as none."
    JsonPropertyName "json_property_name" "JSON whose names have no double quotes, or whose object ends in a comma."
    JsonStructure "json_structure" "JSON with something missing or left over."
    CannotDecode "cannot_decode" "Bytes that aren't text in this encoding."
    CannotEncode "cannot_encode" "Text that this encoding can't write."
    IndexOutOfRange "index_out_of_range" "A place that a sequence doesn't have."
    PopFromEmpty "pop_from_empty" "Something taken out of nothing."
    KeyMissing "key_missing" "A key that a dictionary doesn't have."
    NoAttribute "no_attribute" "An attribute or method that the object doesn't have."
    NoneAttribute "none_attribute" "A dot after `None`."
    ModuleAttribute "module_attribute" "A name that a module doesn't have."
    AttributeReadOnly "attribute_read_only" "An attribute that can't be set."
    CircularImport "circular_import" "Two modules that import each other."
    NoModule "no_module" "A module that isn't found."
    CannotImportName "cannot_import_name" "A name that can't be imported from a module."
    NoSuchFile "no_such_file" "A file or folder that isn't there."
    EndOfInput "end_of_input" "`input()` with nothing left to read."
    RecursionDepth "recursion_depth" "A function that calls itself too often."
    DivisionByZero "division_by_zero" "A number divided by zero."
    NumberTooLarge "number_too_large" "A number that doesn't fit."
    InvalidSyntax "invalid_syntax" "Python can't read it, and says no more."
    MissingComma "missing_comma" "Perhaps a comma is missing."
    NeverClosed "never_closed" "A bracket that is opened and not closed."
    UnmatchedBracket "unmatched_bracket" "A closing bracket without its opening one."
    UnterminatedString "unterminated_string" "A text without its closing quote."
    UnterminatedTripleString "unterminated_triple_string" "A long text without its three closing quotes."
    MissingColon "missing_colon" "A colon is missing."
    ExpectedIndent "expected_indent" "A block without a line."
    UnexpectedIndent "unexpected_indent" "A line too far to the right."
    UnindentMismatch "unindent_mismatch" "A line that goes back to where no block is."
    InconsistentTabs "inconsistent_tabs" "Tabs and spaces mixed."
    AssignToValue "assign_to_value" "`=` after what can't get a value."
    EqualsInCondition "equals_in_condition" "`=` where `==` is meant."
    PrintParentheses "print_parentheses" "`print` without round brackets."
    OutsideFunction "outside_function" "`return`, `yield` or `await` outside of a function."
    OutsideLoop "outside_loop" "`break` or `continue` outside of a loop."
    UnexpectedEnd "unexpected_end" "The program ends in the middle of something."
    InvalidCharacter "invalid_character" "A character that Python doesn't know, such as a curly quote."
    InvalidNumber "invalid_number" "A number that is written in a wrong way."
    LineContinuation "line_continuation" "Something after a `\\` at the end of a line."
    PositionalAfterKeyword "positional_after_keyword" "An argument by place after one by name."
    DefaultBeforeRequired "default_before_required" "A parameter without default after one with it."
    FString "f_string" "A mistake inside an f-string."
    StringEscape "string_escape" "A `\\` in a text that begins an escape."
    ArgumentRepeated "argument_repeated" "The same name twice among arguments or parameters."
    ScopeDeclaration "scope_declaration" "`global` or `nonlocal` too late, or for no such name."
    DictionaryValue "dictionary_value" "A key without its value."
    ConditionalWithoutElse "conditional_without_else" "`a if b` without its `else`."
    MissingParenthesis "missing_parenthesis" "A round bracket is missing."
    TryWithoutExcept "try_without_except" "`try` without `except` or `finally`."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_its_id_in_json_and_one_byte_in_a_snapshot() {
        for (position, template) in Template::ALL.iter().enumerate() {
            let json = serde_json::to_string(template).unwrap();
            assert_eq!(json, format!("{:?}", template.as_str()));
            let bytes = postcard::to_stdvec(template).unwrap();
            assert_eq!(bytes, [u8::try_from(position).unwrap()], "{template:?}");
        }
    }
}
