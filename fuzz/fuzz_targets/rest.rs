#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| athena_fuzz::rest::check(data));
