//! Who calls: the address that limits count for, and whether the caller sits on this machine.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// The caller of one request, as far as it can be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    pub address: IpAddr,
    /// It connected from this machine to this machine's own name, with no proxy in between that we can see.
    pub is_local: bool,
}

impl Caller {
    pub const UNKNOWN: Self = Self { address: IpAddr::V4(Ipv4Addr::UNSPECIFIED), is_local: false };

    /// `X-Forwarded-For` counts only as far as `trusted` proxies wrote it: the right-most address that is none of them.
    pub fn of(peer: IpAddr, headers: &HeaderMap, trusted: &[Network]) -> Self {
        let peer = peer.to_canonical();
        let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
        // A proxy on this machine that nobody named would make the whole world local; then nobody is. A page whose own name was
        // pointed at this machine (DNS rebinding) is no neighbour either.
        let is_forwarded = FORWARDED.iter().any(|name| headers.contains_key(*name));
        let is_local = peer.is_loopback() && !is_forwarded && names_this_machine(headers);
        if !is_trusted(peer) {
            return Self { address: peer, is_local };
        }
        let mut address = peer;
        for hop in hops(headers).into_iter().rev() {
            // What cannot be read was not written by a proxy of ours; the last one that was speaks for it.
            let Some(hop) = hop else { break };
            address = hop;
            if !is_trusted(hop) {
                break;
            }
        }
        // Never local: whoever sits inside a trusted network could write "127.0.0.1" there.
        let is_local =
            address == peer && peer.is_loopback() && !FORWARDED.iter().any(|name| headers.contains_key(*name));
        Self { address, is_local }
    }

    /// What a limit counts by: one household has a whole /64 of IPv6.
    pub fn bucket(&self) -> IpAddr {
        match self.address {
            IpAddr::V4(_) => self.address,
            IpAddr::V6(v6) => IpAddr::V6((u128::from(v6) & !u128::from(u64::MAX)).into()),
        }
    }
}

/// `localhost` or a loopback address, with or without a port. No `Host` at all comes from no browser.
fn names_this_machine(headers: &HeaderMap) -> bool {
    let Some(host) = headers.get(header::HOST) else { return true };
    let host = host.to_str().unwrap_or("?").to_ascii_lowercase();
    let name =
        host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(&*host, |(n, _)| n);
    name == "localhost" || hop(name).is_some_and(|address| address.is_loopback())
}

/// Headers by which a proxy gives itself away.
const FORWARDED: [&str; 5] = ["x-forwarded-for", "forwarded", "x-real-ip", "x-forwarded-host", "via"];

/// More hops than this are not read.
const MAX_HOPS: usize = 32;

fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    let lines = headers.get_all("x-forwarded-for").iter();
    let mut hops: Vec<_> = lines.flat_map(|line| line.to_str().unwrap_or("?").split(',').map(hop)).collect();
    let surplus = hops.len().saturating_sub(MAX_HOPS);
    hops.drain(..surplus);
    hops
}

/// `203.0.113.7`, `203.0.113.7:4711`, `2001:db8::1`, `[2001:db8::1]:4711`.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim().trim_matches('"');
    let address = text.parse::<IpAddr>().ok();
    let with_port = || text.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    address.or_else(with_port).or_else(in_brackets).map(|found: IpAddr| found.to_canonical())
}

/// `frame` has put it there for every request.
impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self::UNKNOWN))
    }
}

/// A range of addresses: `10.0.0.0/8`, `2001:db8::/32`, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: IpAddr,
    /// 0 to 32 or to 128.
    prefix_bits: u32,
}

impl Network {
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(32 - self.prefix_bits).unwrap_or(0);
                u32::from(base) & mask == u32::from(address) & mask
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(128 - self.prefix_bits).unwrap_or(0);
                u128::from(base) & mask == u128::from(address) & mask
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// One address alone.
impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        let base = address.to_canonical();
        Self { base, prefix_bits: if base.is_ipv4() { 32 } else { 128 } }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (base, bits) = text.split_once('/').map_or((text, None), |(base, bits)| (base, Some(bits)));
        let base: IpAddr =
            base.trim().parse().map_err(|_| format!("{text:?} is no address and no network like 10.0.0.0/8"))?;
        let most = if base.is_ipv4() { 32 } else { 128 };
        let prefix_bits = match bits {
            None => most,
            Some(bits) => bits
                .trim()
                .parse()
                .ok()
                .filter(|bits| *bits <= most)
                .ok_or_else(|| format!("{text:?}: the number after the slash must be 0 to {most}"))?,
        };
        Ok(Self { base, prefix_bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn the_right_most_untrusted_address_counts() {
        let check = |peer: &str, forwarded: &[&str], trusted: &[&str], address: &str, is_local: bool| {
            let mut headers = HeaderMap::new();
            for line in forwarded {
                headers.append("x-forwarded-for", line.parse().unwrap());
            }
            let caller = Caller::of(peer.parse().unwrap(), &headers, &networks(trusted));
            let expected = Caller { address: address.parse().unwrap(), is_local };
            assert_eq!(caller, expected, "{peer} {forwarded:?} {trusted:?}");
        };
        check("198.51.100.7", &[], &[], "198.51.100.7", false);
        check("127.0.0.1", &[], &[], "127.0.0.1", true);
        check("::1", &[], &[], "::1", true);
        check("::ffff:127.0.0.1", &[], &[], "127.0.0.1", true);
        // Nobody trusts a stranger's header.
        check("198.51.100.7", &["203.0.113.1"], &[], "198.51.100.7", false);
        check("198.51.100.7", &["203.0.113.1"], &["10.0.0.0/8"], "198.51.100.7", false);
        // A proxy on this machine that is not named: counted as itself, and not as local.
        check("127.0.0.1", &["203.0.113.1"], &[], "127.0.0.1", false);
        // One trusted proxy; what the client wrote before it does not count.
        check("127.0.0.1", &["203.0.113.1"], &["127.0.0.1"], "203.0.113.1", false);
        check("10.0.0.2", &["127.0.0.1, 203.0.113.1"], &["10.0.0.0/8"], "203.0.113.1", false);
        // Two trusted proxies, over two header lines, with ports.
        check("10.0.0.2", &["6.6.6.6, 203.0.113.1:4711", "10.0.0.3"], &["10.0.0.0/8"], "203.0.113.1", false);
        check("10.0.0.2", &["[2001:db8::9]:80"], &["10.0.0.0/8"], "2001:db8::9", false);
        // Everybody in the chain is trusted: the first of them.
        check("10.0.0.2", &["10.1.1.1, 10.0.0.3"], &["10.0.0.0/8"], "10.1.1.1", false);
        // Somebody inside the trusted network pretends to be this machine.
        check("10.0.0.2", &["127.0.0.1"], &["10.0.0.0/8"], "127.0.0.1", false);
        // Rubbish stops the walk at the last address that a proxy of ours wrote.
        check("10.0.0.2", &["203.0.113.1, unknown"], &["10.0.0.0/8"], "10.0.0.2", false);
        check("127.0.0.1", &[], &["127.0.0.1"], "127.0.0.1", true);
    }

    #[test]
    fn only_this_machines_own_names_are_local() {
        let check = |host: &str, is_local: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, host.parse().unwrap());
            assert_eq!(Caller::of("127.0.0.1".parse().unwrap(), &headers, &[]).is_local, is_local, "{host}");
        };
        check("127.0.0.1:8080", true);
        check("127.0.0.1", true);
        check("localhost:8080", true);
        check("LOCALHOST", true);
        check("[::1]:8080", true);
        check("[::1]", true);
        check("desk.example", false);
        check("desk.example:8080", false);
        check("localhost.evil.example", false);
        check("203.0.113.1:8080", false);
    }

    #[test]
    fn networks_are_read_and_matched() {
        let check = |network: &str, address: &str, inside: bool| {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.contains(address.parse().unwrap()), inside, "{network:?} {address}");
        };
        check("10.0.0.0/8", "10.255.0.1", true);
        check("10.0.0.0/8", "11.0.0.1", false);
        check("0.0.0.0/0", "203.0.113.1", true);
        check("203.0.113.1", "203.0.113.1", true);
        check("203.0.113.1", "203.0.113.2", false);
        check("2001:db8::/32", "2001:db8:1::1", true);
        check("2001:db8::/32", "2001:db9::1", false);
        check("::/0", "203.0.113.1", false);
        for wrong in ["", "ten", "10.0.0.0/33", "10.0.0.0/-1", "2001:db8::/129"] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_household_is_one_bucket() {
        let bucket = |address: &str| Caller { address: address.parse().unwrap(), is_local: false }.bucket();
        assert_eq!(bucket("2001:db8:1:2:aaaa::1"), bucket("2001:db8:1:2:bbbb::2"));
        assert_ne!(bucket("2001:db8:1:2::1"), bucket("2001:db8:1:3::1"));
        assert_ne!(bucket("203.0.113.1"), bucket("203.0.113.2"));
    }
}
