//! What an error of a database means for whoever called.
//!
//! Only a fault of the data itself counts as refused, since a refused batch is taken apart until
//! the guilty session is found; everything that isn't understood counts as a store that is away.

use learnflow_engine::port::store::StoreError;
use sqlx::error::DatabaseError;
use sqlx::postgres::PgDatabaseError;

/// Translates an error. The text never holds a value of a row: of a fault of the data it names
/// the code and the constraint alone.
pub(crate) fn store_error(error: &sqlx::Error) -> StoreError {
    use sqlx::Error as E;
    if let E::Database(fault) = error {
        return database_error(fault.as_ref());
    }
    let damaged = matches!(
        error,
        E::ColumnDecode { .. }
            | E::ColumnNotFound(_)
            | E::ColumnIndexOutOfBounds { .. }
            | E::Decode(_)
            | E::TypeNotFound { .. }
            | E::RowNotFound
    );
    if damaged {
        StoreError::Damaged(error.to_string())
    } else if matches!(error, E::Encode(_)) {
        StoreError::Refused("a value can't be encoded".to_owned())
    } else {
        StoreError::Unavailable(error.to_string())
    }
}

fn database_error(fault: &dyn DatabaseError) -> StoreError {
    let code = fault.code().unwrap_or_default();
    let meaning = if fault.try_downcast_ref::<PgDatabaseError>().is_some() {
        postgres_meaning(&code)
    } else {
        sqlite_meaning(&code)
    };
    let told = || format!("{} (code {code})", fault.message());
    match meaning {
        Meaning::Away => StoreError::Unavailable(told()),
        Meaning::Damage => StoreError::Damaged(told()),
        Meaning::Data => StoreError::Refused(match fault.constraint() {
            Some(constraint) => format!("code {code}, constraint {constraint}"),
            None => format!("code {code}"),
        }),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// It may go better in a moment.
    Away,
    /// What was to be written is wrong.
    Data,
    /// What is stored is broken.
    Damage,
}

/// By SQLSTATE (PostgreSQL's documentation, appendix A): classes 21, 22, 23 and 54 are faults of
/// the data; 08, 40, 53, 55, 57 and all others may heal.
fn postgres_meaning(code: &str) -> Meaning {
    match code.get(..2) {
        Some("21" | "22" | "23" | "54") => Meaning::Data,
        _ if code == "XX001" || code == "XX002" => Meaning::Damage,
        _ => Meaning::Away,
    }
}

/// By the primary result code, which is the low byte of the extended one that sqlx reports.
fn sqlite_meaning(code: &str) -> Meaning {
    const CORRUPT: i32 = 11;
    const TOOBIG: i32 = 18;
    const CONSTRAINT: i32 = 19;
    const MISMATCH: i32 = 20;
    const NOTADB: i32 = 26;
    match code.parse::<i32>().map(|extended| extended & 0xff) {
        Ok(TOOBIG | CONSTRAINT | MISMATCH) => Meaning::Data,
        Ok(CORRUPT | NOTADB) => Meaning::Damage,
        _ => Meaning::Away,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_faults_of_the_data_are_refused() {
        for code in ["40001", "40P01", "57P01", "57P03", "53300", "55P03", "57014", "08006", ""] {
            assert_eq!(postgres_meaning(code), Meaning::Away, "{code}");
        }
        for code in ["23505", "23502", "22003", "21000", "54000"] {
            assert_eq!(postgres_meaning(code), Meaning::Data, "{code}");
        }
        assert_eq!(postgres_meaning("XX001"), Meaning::Damage);
    }

    #[test]
    fn a_busy_file_may_heal_and_a_constraint_does_not() {
        // BUSY, BUSY_SNAPSHOT, LOCKED, FULL, IOERR_FSYNC.
        for code in ["5", "517", "6", "13", "1034", ""] {
            assert_eq!(sqlite_meaning(code), Meaning::Away, "{code}");
        }
        // CONSTRAINT_PRIMARYKEY, CONSTRAINT_NOTNULL, TOOBIG.
        for code in ["1555", "1299", "18"] {
            assert_eq!(sqlite_meaning(code), Meaning::Data, "{code}");
        }
        assert_eq!(sqlite_meaning("11"), Meaning::Damage);
    }

    #[test]
    fn a_lost_connection_may_heal() {
        let error = sqlx::Error::PoolTimedOut;
        assert!(matches!(store_error(&error), StoreError::Unavailable(_)));
    }
}
