//! Hosts under which other companies have their pages.

use super::name_list::NameList;
use std::sync::LazyLock;

/// Platforms, sorted: social networks, site builders, app hosts, shops and marketplaces, job boards,
/// link lists, messengers, document and CRM hosts. A page there, by its path (`linkedin.com/company/x`)
/// or by its own name (`x.notion.site`), is not the customer's domain: a domain decides who may sign
/// in. What the public suffix list has as private (`github.io`) needs no entry.
#[rustfmt::skip]
const PLATFORMS: &[&str] = &[
    "abnb.me", "about.me", "academia.edu", "airbnb.com", "airtable.com", "alibaba.com",
    "aliexpress.com", "allabolag.se", "allegro.pl", "amazon.co.uk", "amazon.com", "amazon.de",
    "angel.co", "angellist.com", "app.asana.com", "app.box.com", "app.hubspot.com",
    "apply.workable.com", "apps.apple.com", "apps.microsoft.com", "appspot.com", "artstation.com",
    "ashbyhq.com", "atlassian.net", "awsapps.com", "azurewebsites.net", "baidu.com",
    "bamboohr.com", "bandcamp.com", "bbb.org", "beacons.ai", "behance.net", "bigcartel.com",
    "bilibili.com", "bio.link", "bio.site", "bit.ly", "bitbucket.org", "blogger.com",
    "blogspot.com", "bloomberg.com", "boards.greenhouse.io", "bonjour.sh", "booking.com",
    "breezy.hr", "bsky.app", "bubbleapps.io", "business.facebook.com", "business.google.com",
    "business.site", "buymeacoffee.com", "cafe.naver.com", "calendly.com", "campsite.bio",
    "canva.com", "canva.site", "capterra.com", "careers-page.com", "cargo.site", "carrd.co",
    "clutch.co", "codepen.io", "company-information.service.gov.uk", "contactout.com",
    "craigslist.org", "crunchbase.com", "dev.to", "deviantart.com", "discord.com", "discord.gg",
    "docs.google.com", "doctolib.fr", "doordash.com", "dribbble.com", "drive.google.com",
    "dropbox.com", "dynamics.com", "ebay.co.uk", "ebay.com", "ebay.de", "ecwid.com", "editorx.io",
    "etsy.com", "eventbrite.co.uk", "eventbrite.com", "facebook.com", "faire.com", "fb.com",
    "fb.me", "fb.watch", "figma.com", "fiverr.com", "flickr.com", "flipkart.com", "fly.dev",
    "force.com", "form.jotform.com", "forms.gle", "forms.office.com", "foursquare.com",
    "framer.app", "framer.website", "freelancer.com", "freshdesk.com", "g.co", "g.page", "g2.com",
    "gitbook.io", "github.com", "github.io", "gitlab.com", "gitlab.io", "glassdoor.com",
    "glassdoor.de", "glitch.me", "godaddysites.com", "gofundme.com", "goo.gl", "goodreads.com",
    "grubhub.com", "gumroad.com", "helpscoutdocs.com", "herokuapp.com", "homestead.com",
    "houzz.com", "hubspotpagebuilder.com", "imdb.com", "indeed.com", "indiamart.com",
    "indiegogo.com", "instagram.com", "issuu.com", "itch.io", "jimdo.com", "jimdofree.com",
    "jimdosite.com", "jobs.ashbyhq.com", "jobs.lever.co", "jobs.personio.com", "jobs.personio.de",
    "join.com", "join.slack.com", "justdial.com", "kickstarter.com", "ko-fi.com", "kununu.com",
    "lightning.force.com", "lin.ee", "line.me", "linkedin.cn", "linkedin.com", "linkin.bio",
    "linkpop.com", "linktr.ee", "list-manage.com", "livejournal.com", "lnk.bio", "lnkd.in",
    "loom.com", "m.me", "mail.google.com", "mailchi.mp", "maps.app.goo.gl", "maps.apple.com",
    "maps.google.com", "maps.google.de", "mastodon.social", "medium.com", "meet.google.com",
    "meetup.com", "mercadolibre.com.ar", "mercadolibre.com.mx", "mercadolivre.com.br",
    "messenger.com", "milkshake.app", "miro.com", "mixcloud.com", "monster.com",
    "multiscreensite.com", "my.canva.site", "my.salesforce.com", "my.site.com",
    "mybigcommerce.com", "myportfolio.com", "myshopify.com", "myspace.com", "mystrikingly.com",
    "naukri.com", "netlify.app", "nextdoor.com", "northdata.de", "note.com", "notion.site",
    "notion.so", "odoo.com", "odysee.com", "ok.ru", "onelink.me", "onepage.io", "onrender.com",
    "open.spotify.com", "opencollective.com", "opencorporates.com", "opentable.com", "orcid.org",
    "outlook.live.com", "outlook.office.com", "outlook.office365.com", "pages.dev", "patreon.com",
    "paypal.me", "pinterest.co.uk", "pinterest.com", "pinterest.de", "pipedrive.com",
    "pitchbook.com", "play.google.com", "plus.google.com", "podcasts.apple.com",
    "producthunt.com", "provenexpert.com", "quora.com", "railway.app", "readthedocs.io",
    "recruitee.com", "reddit.com", "replit.app", "replit.dev", "researchgate.net", "rumble.com",
    "safelinks.protection.outlook.com", "salesforce-sites.com", "scribd.com", "sharepoint.com",
    "shopee.co.id", "shopee.com", "shopifypreview.com", "simplesite.com", "site123.me",
    "sites.google.com", "skype.com", "slack.com", "slideshare.net", "smartrecruiters.com",
    "snapchat.com", "softr.app", "solo.to", "soundcloud.com", "sourceforge.net", "square.site",
    "squarespace.com", "stackoverflow.com", "stan.store", "statuspage.io", "steamcommunity.com",
    "store.steampowered.com", "streamlit.app", "strikingly.com", "substack.com", "surge.sh",
    "surveymonkey.com", "t.me", "taplink.cc", "teams.microsoft.com", "teamtailor.com",
    "telegram.me", "theorg.com", "threads.com", "threads.net", "thumbtack.com", "tiktok.com",
    "tilda.ws", "tinyurl.com", "toasttab.com", "tokopedia.com", "trello.com", "tripadvisor.co.uk",
    "tripadvisor.com", "trustpilot.com", "tumblr.com", "twitch.tv", "twitter.com", "typeform.com",
    "ubereats.com", "udemy.com", "ueniweb.com", "upwork.com", "vercel.app", "viber.com",
    "vimeo.com", "vk.com", "wa.me", "wattpad.com", "web.app", "web.archive.org", "webflow.io",
    "webnode.page", "weebly.com", "weebly.net", "weebly.site", "weibo.com", "wellfound.com",
    "wetransfer.com", "whatsapp.com", "wikidata.org", "wikipedia.org", "wix.com", "wixsite.com",
    "wordpress.com", "workable.com", "x.com", "xing.com", "yell.com", "yellowpages.com",
    "yelp.ca", "yelp.co.uk", "yelp.com", "yelp.de", "youtu.be", "youtube.com", "zendesk.com",
    "zhihu.com", "zillow.com", "zoho.com", "zohosites.com", "zoom.us",
];

static NAMES: LazyLock<NameList> = LazyLock::new(|| NameList::new(PLATFORMS));

/// The platform of this domain (lower-case ASCII) or of one above it.
pub(super) fn platform_of(name: &str) -> Option<&str> {
    let mut rest = name;
    loop {
        if NAMES.contains(rest) {
            return Some(rest);
        }
        // Names are short: asking for each byte is quicker than calling a search.
        let dot = rest.bytes().position(|b| b == b'.')?;
        rest = rest.get(dot + 1..)?;
    }
}

/// Whether a suffix that the public suffix list has as private is a registry's, under which companies
/// have domains of their own (`co.nl`, `uk.com`, `msk.ru`), and not a host of pages (`github.io`).
pub(super) fn is_registry(suffix: &str) -> bool {
    let Some((label, ending)) = suffix.split_once('.') else {
        return true;
    };
    !NAMES.contains(suffix)
        && !ending.contains('.')
        && (label.len() <= 4 || matches!(ending, "ru" | "su" | "ua" | "kz" | "pl" | "no" | "jp"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_told_from_a_domain_of_its_own() {
        assert!(PLATFORMS.len() > 150);
        assert_eq!(platform_of("linkedin.com"), Some("linkedin.com"));
        assert_eq!(platform_of("de.linkedin.com"), Some("linkedin.com"));
        assert_eq!(platform_of("acme.github.io"), Some("github.io"));
        assert_eq!(platform_of("a.b.wixsite.com"), Some("wixsite.com"));
        assert_eq!(platform_of("google.com"), None);
        assert_eq!(platform_of("acme-x.com"), None);
    }

    #[test]
    fn each_platform_is_listed_once() {
        let mut names = PLATFORMS.to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PLATFORMS.len());
    }

    #[test]
    fn registries_host_no_pages() {
        for registry in ["uk.com", "co.nl", "eu.org", "msk.ru"] {
            assert!(is_registry(registry), "{registry}");
        }
        for host in ["web.app", "azurewebsites.net", "s3.amazonaws.com"] {
            assert!(!is_registry(host), "{host}");
        }
    }
}
