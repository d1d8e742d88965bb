//! Databases that fail those who connect, each in its own way, and a Redis with a password.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};

/// What PostgreSQL says to a wrong password; it names the host, which callers are not told.
const REFUSED: &[u8] =
    b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed for user \"me\" on a-hidden-host\0\0";

/// Says no to every password, after it was sent.
pub fn refusing() -> u16 {
    serve(|stream| {
        let mut heard = [0; 1024];
        // A request for TLS has eight bytes.
        if stream.read(&mut heard)? == 8 {
            stream.write_all(b"N")?;
            let _startup = stream.read(&mut heard)?;
        }
        // Ask for the password in clear, so that it is really sent.
        stream.write_all(b"R\0\0\0\x08\0\0\0\x03")?;
        let _password = stream.read(&mut heard)?;
        let length = u32::try_from(REFUSED.len() + 4).unwrap().to_be_bytes();
        stream.write_all(&[b"E", &length[..], REFUSED].concat())
    })
}

/// Promises TLS and speaks none.
pub fn garbling() -> u16 {
    serve(|stream| {
        let mut heard = [0; 1024];
        let _asked = stream.read(&mut heard)?;
        stream.write_all(b"S")?;
        let _hello = stream.read(&mut heard)?;
        stream.write_all(b"this is no TLS at all, and it goes on for a while\n")
    })
}

fn serve(answer: fn(&mut TcpStream) -> std::io::Result<()>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            thread::spawn(move || {
                stream.set_read_timeout(Some(Duration::from_secs(5)))?;
                answer(&mut stream)
            });
        }
    });
    port
}

/// Say something to Redis in its plain words, and hear all that comes within a moment.
pub fn redis(port: u16, words: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
    stream.write_all(words.as_bytes()).unwrap();
    let mut heard = Vec::new();
    // It keeps the connection; what came until then is the answer.
    let _ended = stream.read_to_end(&mut heard);
    heard
}

/// Every key and every value that is kept there.
pub fn everything_in_redis(port: u16, password: &str) -> Vec<u8> {
    let login = format!("AUTH {password}\r\n");
    let keys = redis(port, &format!("{login}KEYS *\r\n"));
    let names = String::from_utf8_lossy(&keys).into_owned();
    let names = names.lines().filter(|line| line.starts_with("athena")).map(str::to_owned);
    let mut all = keys;
    for name in names {
        all.extend(redis(port, &format!("{login}GET {name}\r\n")));
    }
    all
}
