//! The samples.

use std::path::{Path, PathBuf};

use clap::ValueEnum;

use crate::build::root;

/// A sample: data in a real format, a connector and a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Set {
    Wordpress,
    Adventureworks,
}

impl Set {
    /// AdventureWorks is a folder of files, a WordPress export is one.
    pub fn of(path: Option<&Path>) -> Self {
        if path.is_some_and(Path::is_dir) { Self::Adventureworks } else { Self::Wordpress }
    }

    pub fn connector(self) -> &'static str {
        match self {
            Self::Wordpress => "wordpress",
            Self::Adventureworks => "adventureworks",
        }
    }

    pub fn package(self) -> &'static str {
        match self {
            Self::Wordpress => "wordpress-connector",
            Self::Adventureworks => "adventureworks-connector",
        }
    }

    pub fn feed(self) -> &'static str {
        match self {
            Self::Wordpress => "wordpress-feed",
            Self::Adventureworks => "adventureworks-feed",
        }
    }

    fn folder(self) -> PathBuf {
        root().join("sample-connectors").join(self.connector())
    }

    /// What its connector is granted.
    pub fn configuration(self) -> PathBuf {
        self.folder().join("lockgate.toml")
    }

    pub fn model(self) -> PathBuf {
        self.folder().join("model.toml")
    }

    /// Its own data.
    pub fn sample(self) -> PathBuf {
        let data = self.folder().join("data");
        match self {
            Self::Wordpress => data.join("sample.xml"),
            Self::Adventureworks => data,
        }
    }
}
