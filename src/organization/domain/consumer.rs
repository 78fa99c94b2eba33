//! Consumer email providers.

use super::name_list::NameList;
use std::sync::LazyLock;

/// Consumer mail domains, sorted. The large providers of the world and of single countries; a
/// domain that is missing here is merely not warned of.
#[rustfmt::skip]
const CONSUMER: &[&str] = &[
    "126.com", "139.com", "163.com", "aim.com", "alice.it", "aol.com", "arcor.de", "att.net",
    "bellsouth.net", "bigpond.com", "bk.ru", "bluewin.ch", "bol.com.br", "btinternet.com",
    "charter.net", "comcast.net", "cox.net", "docomo.ne.jp", "duck.com", "earthlink.net",
    "ezweb.ne.jp", "fastmail.com", "foxmail.com", "free.fr", "freenet.de", "gmail.com", "gmx.at",
    "gmx.ch", "gmx.com", "gmx.de", "gmx.net", "googlemail.com", "hanmail.net", "hey.com",
    "hotmail.be", "hotmail.co.jp", "hotmail.co.uk", "hotmail.com", "hotmail.com.br", "hotmail.de",
    "hotmail.es", "hotmail.fr", "hotmail.it", "hotmail.nl", "hushmail.com", "icloud.com",
    "ig.com.br", "inbox.ru", "interia.pl", "juno.com", "laposte.net", "libero.it", "list.ru",
    "live.ca", "live.co.uk", "live.com", "live.de", "live.fr", "live.it", "live.nl", "mac.com",
    "mail.com", "mail.ru", "mailinator.com", "me.com", "msn.com", "nate.com", "naver.com",
    "ntlworld.com", "o2.pl", "onet.pl", "optonline.net", "orange.fr", "outlook.com",
    "outlook.com.br", "outlook.de", "outlook.es", "outlook.fr", "outlook.it", "outlook.jp", "pm.me",
    "proton.me", "protonmail.ch", "protonmail.com", "qq.com", "rambler.ru", "rediffmail.com",
    "rocketmail.com", "sbcglobal.net", "seznam.cz", "sfr.fr", "shaw.ca", "sina.cn", "sina.com",
    "sky.com", "softbank.ne.jp", "sohu.com", "sympatico.ca", "t-online.de", "talktalk.net",
    "telenet.be", "terra.com.br", "tiscali.it", "tuta.com", "tutanota.com", "uol.com.br",
    "verizon.net", "virgilio.it", "virginmedia.com", "wanadoo.fr", "web.de", "wp.pl", "xtra.co.nz",
    "ya.ru", "yahoo.ca", "yahoo.co.id", "yahoo.co.in", "yahoo.co.jp", "yahoo.co.uk", "yahoo.com",
    "yahoo.com.ar", "yahoo.com.au", "yahoo.com.br", "yahoo.com.mx", "yahoo.de", "yahoo.es",
    "yahoo.fr", "yahoo.in", "yahoo.it", "yandex.com", "yandex.ru", "ymail.com", "zoho.com",
    "zohomail.com",
];

static NAMES: LazyLock<NameList> = LazyLock::new(|| NameList::new(CONSUMER));

/// Whether anyone can open a mail account under this domain (lower-case ASCII).
pub(crate) fn is_consumer_domain(name: &str) -> bool {
    NAMES.contains(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subdomain_is_not_its_provider() {
        assert!(is_consumer_domain("gmail.com"));
        assert!(is_consumer_domain("zoho.com"));
        assert!(!is_consumer_domain("corp.gmail.com"));
    }
}
