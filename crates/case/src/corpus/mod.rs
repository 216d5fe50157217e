//! The five payload corpora that cases name with `corpus = "…"`.
//!
//! Each is made by a small generator of integers only, once per process, and is the same octet for octet on
//! every platform and in every release: digests of transcripts stay comparable, and nothing large is shipped.
//! The natures differ on purpose, because DEFLATE behaves differently on each: long repeats close by
//! ([`Corpus::Json`]), none ([`Corpus::Image`]), prose in UTF-8 ([`Corpus::Verse`]), repeats farther away than a
//! small window reaches ([`Corpus::Page`]), and octets that are compressed already ([`Corpus::Document`]).

mod catalogue;
mod document;
mod image;
mod index;
mod json;
mod noise;
mod page;
mod verse;
mod words;

pub use catalogue::{Corpus, Unit};
