//! `athena`: one program that is the gateway, the console, and the commands around them.

fn main() {}
