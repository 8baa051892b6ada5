//! The little Markdown that error pages use, as escaped HTML: headings, paragraphs, lists, `code`.

/// Renders a page's body.
pub(crate) fn render(text: &str) -> String {
    let mut html = String::new();
    for block in text.split("\n\n").map(str::trim).filter(|block| !block.is_empty()) {
        html.push_str(&self::block(block));
        html.push('\n');
    }
    html
}

fn block(block: &str) -> String {
    if let Some(rest) = block.strip_prefix("## ") {
        return format!("<h2>{}</h2>", inline(rest));
    }
    if let Some(rest) = block.strip_prefix("# ") {
        return format!("<h1>{}</h1>", inline(rest));
    }
    if block.starts_with("- ") {
        let items: Vec<String> = block
            .split("\n- ")
            .map(|item| inline(item.strip_prefix("- ").unwrap_or(item)))
            .collect();
        return format!("<ul><li>{}</li></ul>", items.join("</li><li>"));
    }
    format!("<p>{}</p>", inline(block))
}

/// Every second piece between backticks is code.
fn inline(text: &str) -> String {
    let pieces = text.split('`').enumerate().map(|(place, piece)| {
        let piece = escape(piece);
        if place % 2 == 1 { format!("<code>{piece}</code>") } else { piece }
    });
    pieces.collect()
}

/// Makes a text safe between tags and in attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_rendered_and_escaped() {
        let text = "# A <b>\n\nSee `x < y` & more.\n\n## List\n\n- one\n- `two`\n";
        assert_eq!(
            render(text),
            "<h1>A &lt;b&gt;</h1>\n<p>See <code>x &lt; y</code> &amp; more.</p>\n<h2>List</h2>\n\
             <ul><li>one</li><li><code>two</code></li></ul>\n"
        );
    }
}
