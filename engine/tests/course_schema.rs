//! The published schemas are what the loader's types give, and say something about each field.
#![cfg(test)]

use learnflow_engine::course::schema::CourseFile;
use serde_json::Value;

const PUBLISHED: [(&str, CourseFile, &str); 2] = [
    ("course", CourseFile::Course, include_str!("../../docs/course/course.schema.json")),
    ("topic", CourseFile::Topic, include_str!("../../docs/course/topic.schema.json")),
];

#[test]
fn the_published_schemas_are_those_of_the_loader() {
    for (name, file, published) in PUBLISHED {
        assert!(
            file.schema() == published,
            "docs/course/{name}.schema.json is old: write it anew with \
             `learnflow course schema {name}`"
        );
    }
}

#[test]
fn each_field_is_described_and_no_other_is_allowed() {
    let mut objects = 0;
    for (name, file, _) in PUBLISHED {
        let schema: Value = serde_json::from_str(&file.schema()).unwrap();
        let definitions = schema["$defs"].as_object().unwrap();
        for (kind, object) in
            definitions.iter().map(|(kind, one)| (kind.as_str(), one)).chain([(name, &schema)])
        {
            let Some(fields) = object["properties"].as_object() else { continue };
            objects += 1;
            assert_eq!(object["additionalProperties"], false, "{kind}");
            for (field, described) in fields {
                let words = described["description"].as_str().unwrap_or_default();
                assert!(!words.is_empty(), "{kind}.{field} has no description");
            }
        }
    }
    assert!(objects >= 10, "{objects} objects");
}
