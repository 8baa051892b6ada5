//! `learnflow course check` and `schema`, and how a course folder is read.

use std::path::Path;
use std::sync::Arc;

use learnflow_engine::course::model::Course;
use learnflow_engine::course::schema::CourseFile;

use super::{Context, Failure, print_document};
use crate::cli::{CourseCommand, CourseFileKind};

/// Runs `learnflow course …`.
///
/// # Errors
/// [`Failure::Failed`] with every fault of the course.
pub(crate) fn run(context: &Context, what: &CourseCommand) -> Result<(), Failure> {
    match what {
        CourseCommand::Check { dir } => {
            let course = read(dir)?;
            let topics = course.topics().len();
            let summary = serde_json::json!({
                "course": course.id(),
                "version": course.version().to_string(),
                "topics": topics,
            });
            context.print(&summary, |_| format!("{} is fine: {topics} topics", course.id()));
            Ok(())
        }
        CourseCommand::Schema { file } => {
            let file = match file {
                CourseFileKind::Course => CourseFile::Course,
                CourseFileKind::Topic => CourseFile::Topic,
            };
            print_document(&file.schema());
            Ok(())
        }
    }
}

/// Reads and validates a course folder.
///
/// # Errors
/// [`Failure::Failed`] with every fault.
pub(crate) fn read(dir: &Path) -> Result<Arc<Course>, Failure> {
    let mut files = Vec::new();
    collect(dir, dir, &mut files)?;
    let borrowed: Vec<(&str, &str)> =
        files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    Course::load(&borrowed).map(Arc::new).map_err(Failure::because)
}

fn collect(root: &Path, dir: &Path, files: &mut Vec<(String, String)>) -> Result<(), Failure> {
    let told = |error: std::io::Error| Failure::Failed(format!("{}: {error}", dir.display()));
    let mut entries: Vec<_> =
        std::fs::read_dir(dir).map_err(told)?.collect::<Result<_, _>>().map_err(told)?;
    entries.sort_by_key(std::fs::DirEntry::path);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "toml") {
            let text = std::fs::read_to_string(&path).map_err(told)?;
            let relative = path.strip_prefix(root).unwrap_or(&path);
            files.push((relative.to_string_lossy().into_owned(), text));
        }
    }
    Ok(())
}
