//! Hosts under which other companies have their pages.

use super::name_list::NameList;
use std::sync::LazyLock;

/// Platforms, sorted: social networks and makers of web sites. The value of a customer's column
/// of web sites under one of these is its page there, not its domain. A platform that is missing
/// here is merely not warned of.
#[rustfmt::skip]
const PLATFORMS: &[&str] = &[
    "about.me", "apps.apple.com", "behance.net", "blogspot.com", "business.site", "carrd.co",
    "crunchbase.com", "discord.gg", "docs.google.com", "drive.google.com", "etsy.com",
    "facebook.com", "fb.com", "github.com", "github.io", "gitlab.com", "gitlab.io",
    "godaddysites.com", "goo.gl", "herokuapp.com", "instagram.com", "jimdofree.com",
    "jimdosite.com", "linkedin.com", "linktr.ee", "lnkd.in", "maps.app.goo.gl", "maps.google.com",
    "medium.com", "myshopify.com", "netlify.app", "notion.site", "pages.dev", "pinterest.com",
    "play.google.com", "sites.google.com", "squarespace.com", "substack.com", "t.me",
    "tiktok.com", "tumblr.com", "twitter.com", "vercel.app", "vimeo.com", "vk.com", "wa.me",
    "web.app", "webflow.io", "weebly.com", "wixsite.com", "wordpress.com", "x.com", "xing.com",
    "yelp.com", "youtu.be", "youtube.com",
];

static NAMES: LazyLock<NameList> = LazyLock::new(|| NameList::new(PLATFORMS));

/// The platform of this domain (lower-case ASCII) or of its parent.
pub(super) fn platform_of(name: &str) -> Option<&str> {
    if NAMES.contains(name) {
        return Some(name);
    }
    // Names are short: asking for each byte is quicker than calling a search.
    let dot = name.bytes().position(|b| b == b'.')?;
    let above = name.get(dot + 1..)?;
    NAMES.contains(above).then_some(above)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_from_a_domain_of_its_own() {
        assert_eq!(platform_of("linkedin.com"), Some("linkedin.com"));
        assert_eq!(platform_of("de.linkedin.com"), Some("linkedin.com"));
        assert_eq!(platform_of("acme.github.io"), Some("github.io"));
        assert_eq!(platform_of("google.com"), None);
        assert_eq!(platform_of("acme-x.com"), None);
    }
}
