//! Hosts under which other companies have their pages.

use super::name_list::NameList;
use std::sync::LazyLock;

/// Platforms, sorted: social networks, site builders, app hosts, shops and marketplaces, job boards,
/// link lists, messengers, document and CRM hosts. A page there, by its path (`linkedin.com/company/x`)
/// or by its own name (`x.notion.site`), is not the customer's domain: a domain decides who may sign
/// in. What the public suffix list has as private (`github.io`) needs no entry.
#[rustfmt::skip]
const PLATFORMS: &[&str] = &[
    "000webhostapp.com", "10web.site", "11880.com", "11st.co.kr", "1688.com", "1drv.ms", "2gis.ru",
    "3dcart.com", "500px.com", "51job.com", "abnb.me", "about.me", "academia.edu", "activehosted.com",
    "acuityscheduling.com", "aiqicha.baidu.com", "airbnb.com", "airtable.app", "airtable.com", "aleo.com",
    "alibaba.com", "aliexpress.com", "allabolag.se", "allegro.pl", "allmylinks.com", "alternativeto.net",
    "altervista.org", "amazon.ca", "amazon.co.jp", "amazon.co.uk", "amazon.com", "amazon.com.au",
    "amazon.com.br", "amazon.com.mx", "amazon.de", "amazon.es", "amazon.fr", "amazon.in", "amazon.it",
    "amazon.nl", "ameblo.jp", "amocrm.com", "amocrm.ru", "anchor.fm", "angel.co", "angelfire.com",
    "angellist.com", "angi.com", "api.whatsapp.com", "apna.co", "app.asana.com", "app.box.com",
    "app.hubspot.com", "apply.workable.com", "applytojob.com", "apps.apple.com", "apps.microsoft.com",
    "appsheet.com", "appspot.com", "appsumo.com", "arcgis.com", "archive.org", "ares.gov.cz", "artstation.com",
    "ashbyhq.com", "atlassian.net", "atwebpages.com", "audiomack.com", "avito.ru", "avvo.com", "awardspace.net",
    "awsapps.com", "axesor.es", "azurewebsites.net", "baidu.com", "baike.baidu.com", "bamboohr.com",
    "bandcamp.com", "bandsintown.com", "bark.com", "base.shop", "base44.app", "bbb.org", "beacons.ai",
    "beehiiv.com", "behance.net", "betalist.com", "bettermode.io", "betterplace.org", "bigcartel.com",
    "bilibili.com", "bio.link", "bio.site", "bit.ly", "bitbucket.org", "bitchute.com", "bitrix24.com",
    "bitrix24.de", "bitrix24.eu", "bitrix24.fr", "bitrix24.ru", "bitrix24.site", "blibli.com", "blocket.se",
    "blog.jp", "blog.naver.com", "blogger.com", "blogspot.com", "bloomberg.com", "boardgamegeek.com",
    "boards.greenhouse.io", "bolt.host", "bonjour.sh", "booking.com", "boosty.to", "bosszhipin.com",
    "bravesites.com", "breezy.hr", "brownbook.net", "brunch.co.kr", "bsky.app", "bsky.social", "bubbleapps.io",
    "budibase.app", "buff.ly", "bukalapak.com", "bullhornstaffing.com", "bundesanzeiger.de",
    "business.facebook.com", "business.google.com", "business.site", "buy.stripe.com", "buymeacoff.ee",
    "buymeacoffee.com", "byethost.com", "cafe.daum.net", "cafe.naver.com", "cafe24.com", "cafepress.com",
    "caffeine.tv", "calendar.google.com", "calendly.com", "campaign-archive.com", "campsite.bio", "canva.com",
    "canva.site", "capterra.com", "captivate.fm", "carbonmade.com", "careers-page.com", "cargo.site",
    "cargocollective.com", "carrd.co", "cbinsights.com", "chamberofcommerce.com", "chat.whatsapp.com",
    "checkatrade.com", "circle.so", "ck.page", "classy.org", "clickfunnels.com", "clubexpress.com",
    "clubhouse.com", "clutch.co", "cnpj.biz", "codeberg.org", "codeberg.page", "codepen.io", "codesandbox.io",
    "colab.research.google.com", "comeet.co", "company-information.service.gov.uk", "companyinfo.nl",
    "computrabajo.com", "contactinbio.com", "contactout.com", "coupang.com", "craigslist.org", "crayonsite.net",
    "creatorlink.net", "crunchbase.com", "csb.app", "cutt.ly", "cylex-uk.co.uk", "cylex.de", "dailymotion.com",
    "dasoertliche.de", "dba.dk", "de.indeed.com", "deal.by", "dealroom.co", "deepnote.com", "deno.dev",
    "depop.com", "dev.to", "deviantart.com", "dhgate.com", "discogs.com", "discord.com", "discord.gg",
    "discordapp.com", "discourse.group", "dnb.com", "docs.google.com", "doctolib.de", "doctolib.fr",
    "doctolib.it", "donorbox.org", "doordash.com", "douyin.com", "dribbble.com", "drive.google.com",
    "dropbox.com", "dropboxusercontent.com", "dudaone.com", "durable.co", "dynamics.com", "dzen.ru",
    "e-monsite.com", "ebay.ca", "ebay.co.uk", "ebay.com", "ebay.com.au", "ebay.de", "ebay.es", "ebay.fr",
    "ebay.it", "ecatering.app", "econodata.com.br", "ecwid.com", "ecwid.shop", "editorx.io", "einforma.com",
    "empresite.eleconomista.es", "en-gage.net", "eniro.se", "epizy.com", "etsy.com", "eu-startups.com",
    "europages.com", "eventbrite.co.uk", "eventbrite.com", "exblog.jp", "exploretock.com", "exportersindia.com",
    "f6s.com", "facebook.com", "factorialhr.com", "faire.com", "fandom.com", "fb.com", "fb.me", "fb.watch",
    "fc2.com", "featuredcustomers.com", "feedlink.io", "figma.com", "fillout.com", "finder.fi", "findlaw.com",
    "finn.no", "finstat.sk", "firebaseapp.com", "firmenabc.at", "firmenwissen.de", "firmy.cz", "fiverr.com",
    "flickr.com", "flipcause.com", "flipkart.com", "flutterflow.app", "fly.dev", "force.com",
    "form.jotform.com", "forms.gle", "forms.google.com", "forms.office.com", "fosstodon.org", "fotki.com",
    "foursquare.com", "framer.ai", "framer.app", "framer.photos", "framer.website", "freelancer.com",
    "freeservers.com", "freewebhostmost.com", "fresha.com", "freshdesk.com", "freshsales.io", "freshteam.com",
    "g.co", "g.page", "g2.com", "gab.com", "gelbeseiten.de", "geocities.com", "getapp.com", "ghost.io",
    "gist.github.com", "gitbook.io", "gitee.com", "gitee.io", "github.com", "github.dev", "github.io",
    "githubusercontent.com", "gitlab.com", "gitlab.io", "gitpod.io", "gittigidiyor.com", "givebutter.com",
    "givelively.org", "glassdoor.co.uk", "glassdoor.com", "glassdoor.de", "glassdoor.fr", "glide.page",
    "glideapp.io", "glitch.com", "glitch.me", "globalsources.com", "gmarket.co.kr", "godaddysites.com",
    "gofundme.com", "goldenline.pl", "goldenpages.be", "goo.gl", "goodreads.com", "goope.jp", "gradio.app",
    "gradio.live", "green.japan-job.com", "groups.google.com", "grubhub.com", "guiamais.com.br", "gumroad.com",
    "gumtree.com", "gupy.io", "gust.com", "hachyderm.io", "handelsregister.de", "hashnode.com", "hashnode.dev",
    "hateblo.jp", "hatena.ne.jp", "hatenablog.com", "healthgrades.com", "helloasso.com", "hellowork.com",
    "helpscout.net", "helpscoutdocs.com", "hepsiburada.com", "herokuapp.com", "herold.at", "hf.space", "hh.ru",
    "hipcamp.com", "hitta.se", "homeadvisor.com", "homerun.co", "homestead.com", "hoo.be", "hostingersite.com",
    "hotfrog.com", "houzz.com", "hs-sites.com", "hsforms.com", "hub.docker.com", "hubspotlinks.com",
    "hubspotpagebuilder.com", "hubspotpagebuilder.eu", "huggingface.co", "icims.com", "ifood.com.br",
    "imdb.com", "immobilienscout24.de", "imweb.me", "indeed.com", "indeed.fr", "indiamart.com", "indiegogo.com",
    "infinityfreeapp.com", "infobel.com", "infogreffe.fr", "infojobs.net", "instabio.cc", "instagram.com",
    "instapage.com", "intercom.help", "is.gd", "issuu.com", "itch.io", "item.rakuten.co.jp", "itunes.apple.com",
    "jameda.de", "jazz.co", "jimdo.com", "jimdo.org", "jimdofree.com", "jimdosite.com", "jimdoweb.com",
    "job-boards.eu.greenhouse.io", "job-boards.greenhouse.io", "jobs.ashbyhq.com", "jobs.lever.co",
    "jobs.personio.com", "jobs.personio.de", "jobs.personio.es", "jobstreet.com", "jobteaser.com",
    "jobvite.com", "join.com", "join.slack.com", "joinclubhouse.com", "jugem.jp", "jumia.com", "jumia.com.ng",
    "just-eat.co.uk", "justdial.com", "justgiving.com", "justia.com", "kaggle.com", "kajabi.com", "kakao.com",
    "kauppalehti.fi", "kickstarter.com", "kisskissbankbank.com", "kleinanzeigen.de", "ko-fi.com", "komi.io",
    "kompass.com", "koyeb.app", "krak.dk", "krs-online.com.pl", "kuaishou.com", "kununu.com",
    "lafourchette.com", "lagou.com", "landen.co", "launchpad.net", "lawyers.com", "lazada.co.id",
    "lazada.co.th", "lazada.com", "lazada.sg", "lazada.vn", "leadpages.co", "leagueapps.com", "leboncoin.fr",
    "leetchi.com", "lens.google.com", "lepotcommun.fr", "lever.co", "liberapay.com", "lieferando.de",
    "liepin.com", "lightning.force.com", "lin.ee", "line.me", "line.naver.jp", "linkedin.cn", "linkedin.com",
    "linkin.bio", "linkpop.com", "linktr.ee", "list-manage.com", "list-org.com", "lit.link", "litlink.com",
    "livedoor.blog", "livedoor.jp", "livejournal.com", "lnk.bio", "lnk.to", "lnkd.in", "loja.integrada.com.br",
    "loja2.com.br", "lojaintegrada.com.br", "lojavirtualnuvem.com.br", "loom.com", "loopnet.com", "lovable.app",
    "lpages.co", "lu.ma", "m.me", "made-in-china.com", "mail.google.com", "mailchi.mp", "mailchimpsites.com",
    "mailerpage.io", "maimai.cn", "manta.com", "many.link", "maps.app.goo.gl", "maps.apple.com",
    "maps.google.com", "maps.google.de", "maps.yandex.ru", "mapy.cz", "market.yandex.ru", "marktplaats.nl",
    "martindale.com", "mastodon.online", "mastodon.social", "medium.com", "meet.google.com", "meetu.ps",
    "meetup.com", "meinestadt.de", "memberclicks.net", "mendixcloud.com", "menufy.com", "mercadolibre.com.ar",
    "mercadolibre.com.mx", "mercadolivre.com.br", "mercadoshops.com.ar", "mercadoshops.com.br",
    "mercadoshops.com.mx", "mercari.com", "merchantcircle.com", "messenger.com", "mewe.com", "milkshake.app",
    "minds.com", "miro.com", "mitiendanube.com", "mixcloud.com", "mn.co", "modoo.at", "monday.com",
    "moneyhouse.ch", "monster.com", "moonfruit.com", "mp.weixin.qq.com", "msgsndr.com", "msha.ke",
    "multiscreensite.com", "music.apple.com", "my.canva.site", "my.salesforce.com", "my.site.com",
    "mybigcommerce.com", "myclickfunnels.com", "myfreshworks.com", "mykajabi.com", "myportfolio.com",
    "myshopify.com", "myshoplaza.com", "myshopline.com", "myspace.com", "mystrikingly.com", "myworkdayjobs.com",
    "myworkdaysite.com", "n11.com", "n49.com", "narod.ru", "naukri.com", "naukrigulf.com", "naver.me",
    "negocio.site", "neocities.org", "nethouse.ru", "netlify.app", "networkforgood.com", "nextdoor.com",
    "niconico.jp", "nicovideo.jp", "ning.com", "noon.com", "northdata.de", "northflank.app", "note.com",
    "notion.site", "notion.so", "now.sh", "npmjs.com", "nuvemshop.com.br", "odoo.com", "odysee.com", "ok.ru",
    "olx.com.br", "olx.in", "olx.pl", "olx.ua", "onedrive.live.com", "onelink.me", "onepage.io", "onrender.com",
    "onuniverse.com", "open.kakao.com", "open.spotify.com", "opencollective.com", "opencorporates.com",
    "opendatabot.ua", "opendatasoft.com", "openstreetmap.org", "opentable.com", "orcid.org", "outlook.live.com",
    "outlook.office.com", "outlook.office365.com", "over-blog.com", "ow.ly", "owler.com", "ozon.ru",
    "pagedemo.co", "pages.dev", "pagesjaunes.fr", "pagesperso-orange.fr", "paginasamarillas.es",
    "paginegialle.it", "panoramafirm.pl", "pappers.fr", "parler.com", "patreon.com", "payhip.com", "paypal.me",
    "peatix.com", "peraichi.com", "personio.de", "pf.kakao.com", "photos.google.com", "photoshelter.com",
    "pillar.io", "pinkoi.com", "pinpointhq.com", "pinterest.co.uk", "pinterest.com", "pinterest.de",
    "pipedrive.com", "pitchbook.com", "pitchero.com", "pixieset.com", "play.google.com", "plus.codes",
    "plus.google.com", "podcasts.apple.com", "podia.com", "portfoliobox.net", "poshmark.com", "potofu.me",
    "powerappsportals.com", "powerpages.microsoft.com", "pracuj.pl", "producthunt.com", "profcard.info",
    "proff.dk", "proff.no", "proff.se", "prom.ua", "provenexpert.com", "pypi.org", "pythonanywhere.com",
    "qcc.com", "qichacha.com", "qiita.com", "qr.codes", "qrco.de", "quandoo.de", "quora.com", "qzone.qq.com",
    "ra.co", "racius.com", "railway.app", "rakuten.co.jp", "readme.io", "readthedocs.io", "reclameaqui.com.br",
    "recruitee.com", "redbubble.com", "reddit.com", "registroimprese.it", "rejstrik-firem.kurzy.cz", "repl.co",
    "replit.app", "replit.dev", "researchgate.net", "residentadvisor.net", "reverb.com", "rf.gd", "ricardo.ch",
    "rippling-ats.com", "rocketreach.co", "rozetka.com.ua", "rss.com", "rsvpify.com", "rumble.com",
    "rusprofile.ru", "rutube.ru", "safelinks.protection.outlook.com", "sahibinden.com", "salesforce-sites.com",
    "salesforce.com", "salla.sa", "satu.kz", "scholar.google.com", "scribd.com", "seesaa.net", "sellfy.store",
    "seloger.com", "sendgrid.net", "setmore.com", "share.hsforms.com", "sharepoint.com", "shift4shop.com",
    "shopee.co.id", "shopee.co.th", "shopee.com", "shopee.com.br", "shopee.com.my", "shopee.ph", "shopee.sg",
    "shopee.tw", "shopee.vn", "shopifypreview.com", "shopinfo.jp", "shoplineapp.com", "shorby.com",
    "shorturl.at", "signal.group", "signal.me", "signalhire.com", "simplesite.com", "simplybook.it",
    "simplybook.me", "simplyhired.com", "site123.com", "site123.me", "sites.google.com", "sitew.fr",
    "skype.com", "slack.com", "slicelife.com", "slideshare.net", "smartrecruiters.com", "smartstore.naver.com",
    "smugmug.com", "snapchat.com", "snipfeed.co", "societe.com", "society6.com", "socrata.com", "softgarden.io",
    "softr.app", "softwareadvice.com", "solo.to", "songkick.com", "soundcloud.com", "sourceforge.net",
    "sportsengine.com", "spreaker.com", "square.link", "square.site", "squarespace.com", "squarespace.site",
    "sr.ht", "stackblitz.io", "stackoverflow.com", "stackteamapp.com", "stan.store", "startnext.com",
    "startupblink.com", "statuspage.io", "steamcommunity.com", "stepstone.de", "store.shopping.yahoo.co.jp",
    "store.steampowered.com", "storenvy.com", "stores.jp", "streamable.com", "streamlit.app", "strikingly.com",
    "strikinglydns.com", "studio.site", "substack.com", "successfactors.com", "successfactors.eu", "sumup.link",
    "sumupstore.com", "super.site", "superjob.ru", "superpages.com", "surge.sh", "surveymonkey.co.uk",
    "surveymonkey.com", "sway.cloud.microsoft", "sway.office.com", "t.co", "t.me", "taleo.net", "tally.so",
    "taobao.com", "tap.bio", "taplink.cc", "teachable.com", "teamapp.com", "teams.live.com",
    "teams.microsoft.com", "teamsnap.com", "teamtailor.com", "teespring.com", "telegram.me", "telelistas.net",
    "tenchat.ru", "thebase.in", "theorg.com", "thinkific.com", "thomasnet.com", "thomsonlocal.com",
    "threads.com", "threads.net", "thumbtack.com", "tianyancha.com", "tictail.com", "tiendanube.com", "tiki.vn",
    "tiktok.com", "tilda.cc", "tilda.ws", "tildacdn.com", "tinyurl.com", "tipeee.com", "tistory.com", "tiu.ru",
    "tmall.com", "toast.site", "toasttab.com", "toasttab.site", "tokopedia.com", "tori.fi", "tracxn.com",
    "tradeindia.com", "trafft.com", "transistor.fm", "treatwell.co.uk", "treatwell.de", "trello.com",
    "trendstop.be", "trendyol.com", "tribe.so", "tripadvisor.co.uk", "tripadvisor.com", "tripod.com",
    "trovo.live", "trustpilot.com", "trustradius.com", "truthsocial.com", "tumblr.com", "twitch.tv",
    "twitter.com", "twpf.jp", "typedream.app", "typeform.com", "uaprom.net", "ubereats.com", "ubpages.com",
    "ucoz.com", "ucoz.ru", "ucraft.site", "udemy.com", "ueniweb.com", "ulule.com", "umso.co", "unbounce.com",
    "unicornplatform.page", "univer.se", "unternehmensregister.de", "up.railway.app", "upwork.com",
    "uservoice.com", "v0.app", "velog.io", "vercel.app", "vero.co", "versoly.page", "viber.com", "viber.me",
    "vimeo.com", "vinted.fr", "vk.com", "vrbo.com", "wa.me", "waca.ec", "wantedly.com", "wattpad.com",
    "web.app", "web.archive.org", "web.whatsapp.com", "webador.com", "webador.de", "webcontainer.io",
    "webflow.io", "webnode.com", "webnode.cz", "webnode.es", "webnode.fr", "webnode.it", "webnode.page",
    "webs.com", "wechat.com", "weebly.com", "weebly.net", "weebly.site", "weeblysite.com", "weibo.com",
    "weixin.qq.com", "welcometothejungle.com", "wellfound.com", "wemakeit.com", "wetransfer.com",
    "wetransfer.io", "what3words.com", "whatsapp.com", "whitepages.com", "wikidata.org", "wikipedia.org",
    "wildapricot.org", "wildberries.ru", "willhaben.at", "withkoji.com", "wix.com", "wixsite.com",
    "wixstudio.com", "wixstudio.io", "wlw.de", "wordpress.com", "workable.com", "workers.dev", "wpengine.com",
    "wpenginepowered.com", "x.com", "xiaohongshu.com", "xing.com", "xoom.it", "ycombinator.com", "yell.com",
    "yellowpages.ca", "yellowpages.com", "yelp.ca", "yelp.co.uk", "yelp.com", "yelp.de", "yolasite.com",
    "youcan.shop", "youcontrol.com.ua", "youtu.be", "youtube.com", "zachestnyibiznes.ru", "zalo.me",
    "zazzle.com", "zefix.ch", "zendesk.com", "zenfolio.com", "zenn.dev", "zhaopin.com", "zhihu.com",
    "zhipin.com", "zid.store", "zillow.com", "ziprecruiter.com", "zivefirmy.sk", "znap.link", "zoho.com",
    "zoho.eu", "zoho.in", "zohocreator.com", "zohodesk.com", "zohopublic.com", "zohorecruit.com",
    "zohosites.com", "zohosites.eu", "zohosites.in", "zoom.us", "zoominfo.com", "zyrosite.com",
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

/// Whether a URL is a search, a map or a redirection of a search engine, whose own domain this is.
pub(super) fn is_search(name: &str, url: &str) -> bool {
    const ENGINES: &[&str] = &["google", "bing", "yandex", "baidu", "duckduckgo", "yahoo"];
    const PAGES: &[&str] = &[
        "maps", "search", "url", "web", "place", "s", "link", "amp", "travel",
    ];
    let is_engine = |host: &str| {
        let engine = host.split('.').next().unwrap_or_default();
        ENGINES.contains(&engine)
    };
    if !url.contains('/') || !is_engine(name) {
        return false;
    }
    let path = url
        .split_once("://")
        .map_or(url, |(_, rest)| rest)
        .split_once('/');
    let page = path.and_then(|(_, path)| path.split(['/', '?', '#']).next());
    page.is_some_and(|page| PAGES.contains(&page))
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
        assert!(PLATFORMS.is_sorted());
        assert!(PLATFORMS.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn a_link_of_a_search_engine_is_a_page() {
        for page in ["https://www.google.com/url?q=x", "google.de/maps/place/x"] {
            assert!(is_search("google.com", page), "{page}");
        }
        assert!(!is_search("google.com", "https://google.com/about"));
        assert!(!is_search("acme.com", "https://acme.com/search"));
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

    #[test]
    fn a_page_on_a_platform_is_no_domain_of_a_customer() {
        let is_page = |text: &str| {
            crate::organization::domain::normalize(text)
                .unwrap()
                .is_page(text)
        };
        for page in [
            "https://www.linkedin.com/company/acme",
            "linkedin.com/in/acme/",
            "acme.notion.site",
            "https://boards.greenhouse.io/acme",
            "http://www.meetup.com/acme-club/",
            "https://youtube.com/@acme",
            "acme.github.io",
            "acme.myshopify.com",
            "acme.s3.amazonaws.com",
            "acme.azurewebsites.net",
        ] {
            assert!(is_page(page), "{page}");
        }
        for own in [
            "linkedin.com",
            "https://www.linkedin.com/",
            "https://linkedin.com/?trk=x",
            "it@linkedin.com",
            "github.io",
            "acme.com/company/acme",
            "acme.co.uk",
            "acme.uk.com",
            "acme.co.nl",
            "acme.eu.org",
        ] {
            assert!(!is_page(own), "{own}");
        }
    }
}
