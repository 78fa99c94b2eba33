//! The rooms of the program, each from outside. One binary, since each one more has to be linked
//! with everything.

mod check;
mod client;
mod encodings;
mod engine;
mod help;
mod reading;
mod report;
mod sandbox;
mod workbooks;
