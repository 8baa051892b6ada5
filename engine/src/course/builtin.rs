//! The Python course that comes with the engine: its files, as they stand in `engine/course`.

macro_rules! files {
    ($($path:literal),* $(,)?) => {
        &[$(($path, include_str!(concat!("../../course/", $path)))),*]
    };
}

/// Path, relative to the course's folder, and text of each file.
pub(super) const FILES: &[(&str, &str)] = files![
    "course.toml",
    "basics/variables.toml",
    "basics/data_types.toml",
    "basics/input_output.toml",
    "basics/operators.toml",
    "basics/type_conversion.toml",
    "control_flow/conditionals.toml",
    "control_flow/for_loops.toml",
    "control_flow/while_loops.toml",
    "control_flow/break_continue.toml",
    "data_structures/lists.toml",
    "data_structures/tuples.toml",
    "data_structures/dictionaries.toml",
    "data_structures/sets.toml",
    "functions/defining.toml",
    "functions/parameters.toml",
    "functions/return_values.toml",
    "functions/scope.toml",
    "oop/classes_objects.toml",
    "oop/attributes_methods.toml",
    "oop/inheritance.toml",
    "oop/encapsulation.toml",
    "files/reading_writing.toml",
    "files/csv.toml",
    "files/json.toml",
    "errors/try_except.toml",
    "errors/exception_types.toml",
    "errors/custom_exceptions.toml",
    "errors/debugging.toml",
    "libraries/installing_packages.toml",
    "libraries/apis.toml",
    "libraries/virtual_environments.toml",
];
