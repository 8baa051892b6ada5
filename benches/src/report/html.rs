//! The report as one page: no script, nothing from elsewhere, light and dark.

use super::Report;
use crate::measure::Second;

const STYLE: &str = "
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:60rem;margin:2rem auto;padding:0 1rem}
pre{overflow-x:auto;padding:1rem;border:1px solid #8886;border-radius:.5rem;line-height:1.4}
figure{margin:1.5rem 0}svg{width:100%;height:10rem;background:#8881;border-radius:.5rem}
.broken{color:#c22;font-weight:600}.held{color:#282}
";

/// Renders the page.
pub(super) fn render(report: &Report) -> String {
    let name = escaped(&report.scenario.name);
    let text = escaped(&super::text::render(report));
    let (class, word) = if report.held() { ("held", "held") } else { ("broken", "broken") };
    let answered = chart("Answers a second", &report.seconds, |second| number(second.answered));
    let slowest = chart("Slowest acknowledgement by second, ms", &report.seconds, |s| s.ack_max_ms);
    format!(
        "<!doctype html>\n<html lang=\"en\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>Load test: {name}</title><style>{STYLE}</style>\n\
         <h1>Load test: {name}</h1>\n<p>{}</p>\n<p class=\"{class}\">Thresholds: {word}</p>\n\
         <pre>{text}</pre>\n{answered}{slowest}</html>\n",
        escaped(&report.scenario.description),
    )
}

/// A bar for each second; neighbours are put together where there are too many.
fn chart(title: &str, seconds: &[Second], value: impl Fn(&Second) -> f64) -> String {
    let width = seconds.len().div_ceil(300).max(1);
    let largest_of = |part: &[Second]| part.iter().map(&value).fold(0.0, f64::max);
    let bars: Vec<f64> = seconds.chunks(width).map(largest_of).collect();
    let top = bars.iter().copied().fold(0.0, f64::max);
    let scale = if top > 0.0 { 100.0 / top } else { 0.0 };
    let bar = |(x, value): (usize, &f64)| {
        let height = value * scale;
        let y = 100.0 - height;
        format!("<rect x=\"{x}\" y=\"{y:.2}\" width=\".8\" height=\"{height:.2}\"/>")
    };
    let rectangles = bars.iter().enumerate().map(bar).collect::<Vec<_>>().concat();
    format!(
        "<figure><figcaption>{title} (top of the scale: {top:.1}; {width} s a bar)</figcaption>\
         <svg viewBox=\"0 0 {} 100\" preserveAspectRatio=\"none\" fill=\"#47a\" role=\"img\" \
         aria-label=\"{title}\">{rectangles}</svg></figure>\n",
        bars.len().max(1),
    )
}

fn number(count: u64) -> f64 {
    super::number(count)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_not_break_out_of_the_page() {
        let mut report = super::super::tests::sample(2.0);
        report.scenario.name = "<script>alert(1)</script>".to_owned();
        let page = render(&report);
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"));
        assert!(!page.contains("http://") || page.contains("target http://127.0.0.1"));
    }

    #[test]
    fn long_runs_are_put_together_and_keep_their_peaks() {
        let mut seconds = vec![Second::default(); 1_000];
        seconds[501].ack_max_ms = 7.0;
        let chart = chart("t", &seconds, |second| second.ack_max_ms);
        assert!(chart.contains("4 s a bar") && chart.contains("scale: 7.0"));
        assert_eq!(chart.matches("<rect").count(), 250);
        assert_eq!(chart.matches("height=\"100.00\"").count(), 1);
    }
}
