//! Helpers that several tests share.

pub(crate) mod case;
pub(crate) mod choices;
pub(crate) mod drawn;
pub(crate) mod editor;
pub(crate) mod event;
pub(crate) mod findings;
pub(crate) mod funnels;
pub(crate) mod gateway;
pub(crate) mod generate;
pub(crate) mod http_server;
pub(crate) mod kinds;
pub(crate) mod lives;
pub(crate) mod mail_server;
pub(crate) mod openapi;
pub(crate) mod played;
pub(crate) mod program;
pub(crate) mod repository;
pub(crate) mod request_body;
pub(crate) mod service;
pub(crate) mod story;
pub(crate) mod table;
