//! What the Linux page promises from outside, on pages that the tests make.

mod pages;
mod proof;
mod reader;
mod writer;
