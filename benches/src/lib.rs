//! The load tester and its parts, usable as a library by tests of other packages.
//!
//! Reading order: [`provider`] (the simulated model), [`client`] (one student's side of protocol
//! `learnflow.v1`), [`history`] (what a student saw, and the checker that finds what must not be),
//! [`scenario`] (a load), [`virtual_student`] and [`run`] (the load carried out), [`measure`],
//! [`threshold`] and [`report`] (what came of it). [`learning`] stands by itself: simulated
//! students in simulated time.
//!
//! Invariant: the clock of a measurement starts when a thing was meant to happen, never when this
//! program got around to it; and what this program itself lost is part of its report.

pub mod account_file;
pub mod client;
pub mod compare;
pub mod history;
pub mod learning;
pub mod machine;
pub mod measure;
pub mod provider;
pub mod question;
pub mod report;
pub mod run;
pub mod scenario;
pub mod stall;
pub mod threshold;
pub mod virtual_student;
