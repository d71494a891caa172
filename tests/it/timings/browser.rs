//! The page in a real browser: on a phone and on a desk, in the light and in the dark.

use std::path::Path;

use serde_json::{Value as Json, json};

use super::{index, repo};
use crate::support::browser::Browser;
use crate::support::index::Fault;
use crate::support::sandbox::Sandbox;

const WIDTHS: [u32; 3] = [360, 800, 1280];

/// With the colours of the page and of the bars of programs.
const SCHEMES: [(&str, [u8; 3], [u8; 3]); 2] =
    [("light", [0xf6, 0xf7, 0xf9], [0x7c, 0x4f, 0xd3]), ("dark", [0x12, 0x14, 0x18], [0xb5, 0x95, 0xff])];

/// The width that is needed and the one that there is, what sticks out, and how wide the bars are.
const MEASURE: &str = "(() => {
  const all = [...document.querySelectorAll('body *')];
  const out = all.filter(it => it.getBoundingClientRect().right > innerWidth + 0.5).map(it => it.outerHTML.slice(0, 80));
  const bars = [...document.querySelectorAll('.rows svg rect:not(.track)')].map(it => it.getBoundingClientRect());
  return { needed: document.documentElement.scrollWidth, width: innerWidth, out: out,
           bars: bars.length, thinnest: Math.min(...bars.map(it => Math.min(it.width, it.height))) };
})()";

/// The least contrast of any text with what is behind it (WCAG 2), and that text.
const CONTRAST: &str = "(() => {
  const numbers = text => text.match(/[\\d.]+/g).map(Number);
  const light = color => color.slice(0, 3).map(it => it / 255).map(it => it <= 0.04045 ? it / 12.92 : ((it + 0.055) / 1.055) ** 2.4)
    .reduce((sum, it, at) => sum + it * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = it => { const color = numbers(getComputedStyle(it).backgroundColor);
    return color.length === 4 && color[3] === 0 && it.parentElement ? behind(it.parentElement) : color; };
  const own = it => [...it.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  const texts = [...document.querySelectorAll('body *')].filter(it => own(it) && !it.closest('svg'));
  const all = texts.map(it => { const [a, b] = [light(numbers(getComputedStyle(it).color)), light(behind(it))];
    return [(Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), it.textContent]; });
  return all.sort((a, b) => a[0] - b[0])[0];
})()";

/// Nothing was said on the console, and nothing but the file was asked for.
#[track_caller]
fn assert_quiet(browser: &Browser, what: &str) {
    let of = |methods: &[&str]| -> Vec<&Json> {
        let is_of = |event: &&Json| methods.iter().any(|method| event["method"] == *method);
        browser.events.iter().filter(is_of).collect()
    };
    let said = of(&["Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"]);
    assert!(said.is_empty(), "{what}: {said:#?}");
    let asked = of(&["Network.requestWillBeSent"]);
    let urls: Vec<&str> = asked.iter().map(|event| event["params"]["request"]["url"].as_str().unwrap()).collect();
    assert!(
        !urls.is_empty() && urls.iter().all(|url| url.starts_with("file://") || url.starts_with("data:")),
        "{urls:?}"
    );
}

fn look_at(browser: &mut Browser, page: &Path, what: &str) {
    for (scheme, paper, bar) in SCHEMES {
        for width in WIDTHS {
            let what = format!("{what}, {width}, {scheme}");
            browser.open(page, width, scheme);
            let measured = browser.value(MEASURE);
            assert_eq!(measured["out"], json!([]), "{what}");
            assert!(measured["needed"].as_u64() <= measured["width"].as_u64(), "{what}: {measured}");
            assert!(
                measured["bars"].as_u64() > Some(5) && measured["thinnest"].as_f64() >= Some(1.0),
                "{what}: {measured}"
            );
            let contrast = browser.value(CONTRAST);
            assert!(contrast[0].as_f64() >= Some(4.5), "{what}: {contrast}");
            let picture = browser.picture();
            assert!(picture.width >= width as usize - 20, "{what}: {}", picture.width);
            assert!(picture.count(paper) > picture.points.len() / 100, "{what}: the page is not {paper:?}");
            assert!(picture.count(bar) > 50, "{what}: no bar is {bar:?}");
        }
    }
    assert_quiet(browser, what);
}

#[test]
fn the_page_is_readable_on_every_screen() {
    let Some(mut browser) = Browser::start() else { return };
    let Some(index) = index() else { return };
    let Some(sandbox) = repo("venv_uv", &index) else { return };
    assert_eq!(sandbox.prime(["--timings=cold.html"]).output().code(), 0);
    look_at(&mut browser, &sandbox.repo().join("cold.html"), "cold");
    let index = super::index().unwrap().fault("/left", Fault::Status(404));
    let Some(failing) = repo("venv_uv", &index) else { return };
    assert_eq!(failing.prime(["--timings=failed.html"]).output().code(), 78);
    look_at(&mut browser, &failing.repo().join("failed.html"), "failed");
}

#[test]
fn the_bars_have_names_for_who_cannot_see_them() {
    let Some(mut browser) = Browser::start() else { return };
    let sandbox = Sandbox::new().file("prime.toml", "").project("app", "1", &[]);
    let run = sandbox.prime(["eval", "--timings=t.html"]).output();
    assert_eq!(run.code(), 0, "{}", run.stderr());
    browser.open(&sandbox.repo().join("t.html"), 360, "light");
    browser.ask("Accessibility.enable", &json!({}));
    let tree = browser.ask("Accessibility.getFullAXTree", &json!({}));
    let nodes = tree["nodes"].as_array().unwrap().iter();
    let images = nodes.filter(|node| ["image", "img"].iter().any(|role| node["role"]["value"] == *role));
    let names: Vec<&str> = images.filter_map(|node| node["name"]["value"].as_str()).collect();
    assert!(names.iter().any(|name| name.starts_with("prime itself ")), "{names:?}");
    assert!(names.iter().any(|name| name.starts_with("eval : ")), "{names:?}");
}
