//! Page trees (7.7.3): which pages exist, and what they inherit.

use super::Expected::{Accepted, Refused, Told};
use super::raw::{Body, CATALOG, FIRST, FONT, OTHER, SECOND, SPARE, TREE};
use super::{Case, changed};

const TREE_CODE: &str = "page-tree-ambiguous";

pub(super) fn cases() -> Vec<Case> {
    [nodes(), counts(), parents(), inherited()].concat()
}

/// The pages one level deeper, below a node with this head.
fn deeper(body: &mut Body, head: &str) {
    body.put(TREE, format!("<< /Type /Pages /Count 2 /Kids [{SPARE} 0 R] >>"));
    body.put(
        SPARE,
        format!("<< {head} /Parent {TREE} 0 R /Count 2 /Kids [{FIRST} 0 R {SECOND} 0 R] >>"),
    );
    for page in [FIRST, SECOND] {
        body.replace(page, &format!("/Parent {TREE} 0 R"), &format!("/Parent {SPARE} 0 R"));
    }
}

/// What makes a node look like a page.
fn face() -> String {
    format!("/MediaBox [0 0 595 842] /Resources << /Font << /F1 {FONT} 0 R >> >> /Contents {OTHER} 0 R")
}

fn nodes() -> Vec<Case> {
    vec![
        changed("two plain pages", Accepted, |_| {}),
        changed("two levels", Accepted, |body| deeper(body, "/Type /Pages")),
        changed("root without Type", Told(TREE_CODE), |body| {
            body.replace(TREE, "/Type /Pages ", "");
        }),
        changed("root of another Type", Refused(TREE_CODE), |body| {
            body.replace(TREE, "/Type /Pages ", "/Type /Page ");
        }),
        changed("inner node without Type", Refused(TREE_CODE), |body| deeper(body, "")),
        changed("inner node without Type, with a face", Refused(TREE_CODE), |body| {
            deeper(body, &face());
        }),
        changed("inner node of Type Page", Refused(TREE_CODE), |body| {
            deeper(body, "/Type /Page");
        }),
        changed("inner node of Type Page, with a face", Refused(TREE_CODE), |body| {
            deeper(body, &format!("/Type /Page {}", face()));
        }),
        changed("inner node of Type Pages, with a face", Accepted, |body| {
            deeper(body, &format!("/Type /Pages {}", face()));
        }),
        changed("inner node whose Type is a reference", Refused(TREE_CODE), |body| {
            deeper(body, &format!("/Type 10 0 R {}", face()));
            body.put(10, "/Page");
        }),
        changed("inner node of an unknown Type", Refused(TREE_CODE), |body| {
            deeper(body, "/Type /Template");
        }),
        changed("page without Type", Told(TREE_CODE), |body| {
            body.replace(FIRST, "/Type /Page ", "");
        }),
        changed("page of an unknown Type", Refused(TREE_CODE), |body| {
            body.replace(FIRST, "/Type /Page ", "/Type /Template ");
        }),
        changed("page of Type Pages", Refused(TREE_CODE), |body| {
            body.replace(FIRST, "/Type /Page ", "/Type /Pages ");
        }),
        changed("page with Kids null", Refused(TREE_CODE), |body| {
            body.add(FIRST, "/Kids null");
        }),
        changed("page with empty Kids", Refused(TREE_CODE), |body| {
            body.add(FIRST, "/Kids []");
        }),
        changed("page with Kids to nothing", Refused(TREE_CODE), |body| {
            body.add(FIRST, "/Kids 90 0 R");
        }),
        changed("page named twice", Refused(TREE_CODE), |body| {
            body.replace(TREE, &format!("{SECOND} 0 R"), &format!("{FIRST} 0 R"));
        }),
        changed("page written within its parent", Refused(TREE_CODE), |body| {
            let page = String::from_utf8(body.objects[&SECOND].clone()).expect("text");
            body.replace(TREE, &format!("{SECOND} 0 R"), &page);
        }),
        changed("null among the kids", Told(TREE_CODE), |body| {
            body.replace(TREE, &format!("{FIRST} 0 R "), &format!("{FIRST} 0 R null "));
        }),
        changed("nothing among the kids", Told(TREE_CODE), |body| {
            body.replace(TREE, &format!("{SECOND} 0 R]"), &format!("{SECOND} 0 R 87 0 R]"));
        }),
        changed("a number among the kids", Refused(TREE_CODE), |body| {
            body.replace(TREE, &format!("{FIRST} 0 R "), &format!("{FIRST} 0 R 7 "));
        }),
        changed("kids in an object of their own", Accepted, |body| {
            body.replace(TREE, &format!("[{FIRST} 0 R {SECOND} 0 R]"), &format!("{SPARE} 0 R"));
            body.put(SPARE, format!("[{FIRST} 0 R {SECOND} 0 R]"));
        }),
        changed("catalog without Type", Told(TREE_CODE), |body| {
            body.replace(CATALOG, "/Type /Catalog ", "");
        }),
        changed("catalog of another Type", Told(TREE_CODE), |body| {
            body.replace(CATALOG, "/Type /Catalog ", "/Type /Pages ");
        }),
    ]
}

fn counts() -> Vec<Case> {
    let root = |name, expected, count: &'static str| {
        changed(name, expected, move |body| body.replace(TREE, "/Count 2", count))
    };
    let inner = |name, expected, count: &'static str| {
        changed(name, expected, move |body| {
            deeper(body, "/Type /Pages");
            body.replace(SPARE, "/Count 2", count);
        })
    };
    vec![
        root("Count too small", Refused(TREE_CODE), "/Count 1"),
        root("Count too large", Refused(TREE_CODE), "/Count 9"),
        root("Count negative", Refused(TREE_CODE), "/Count -2"),
        root("Count zero", Refused(TREE_CODE), "/Count 0"),
        root("Count missing", Refused(TREE_CODE), ""),
        root("Count real", Refused(TREE_CODE), "/Count 2.0"),
        root("Count a name", Refused(TREE_CODE), "/Count /Two"),
        changed("Count an object of its own", Accepted, |body| {
            body.replace(TREE, "/Count 2", &format!("/Count {SPARE} 0 R"));
            body.put(SPARE, "2");
        }),
        inner("inner Count too small", Refused(TREE_CODE), "/Count 1"),
        inner("inner Count too large", Refused(TREE_CODE), "/Count 3"),
        inner("inner Count negative", Refused(TREE_CODE), "/Count -2"),
        inner("inner Count missing", Refused(TREE_CODE), ""),
    ]
}

fn parents() -> Vec<Case> {
    let parent = format!("/Parent {TREE} 0 R");
    let swapped = |name, expected, to: &'static str| {
        let parent = parent.clone();
        changed(name, expected, move |body| body.replace(FIRST, &parent, to))
    };
    vec![
        swapped("page without Parent", Told(TREE_CODE), ""),
        swapped("page with Parent null", Told(TREE_CODE), "/Parent null"),
        swapped("page whose Parent is nothing", Told(TREE_CODE), "/Parent 9 0 R"),
        changed("page with another Parent", Refused(TREE_CODE), |body| {
            body.replace(FIRST, &format!("/Parent {TREE} 0 R"), &format!("/Parent {SPARE} 0 R"));
            body.put(SPARE, "<< /Type /Pages /Count 0 /Kids [] /Rotate 90 >>");
        }),
        changed("page without Parent that inherits", Refused(TREE_CODE), |body| {
            body.replace(FIRST, &format!("/Parent {TREE} 0 R /MediaBox [0 0 595 842]"), "");
            body.add(TREE, "/MediaBox [0 0 595 842]");
        }),
        changed("root with a Parent", Refused(TREE_CODE), |body| {
            body.add(TREE, &format!("/Parent {SPARE} 0 R"));
            body.put(SPARE, "<< /Type /Pages /MediaBox [0 0 100 100] /Rotate 90 >>");
        }),
    ]
}

fn inherited() -> Vec<Case> {
    let without = |name, expected, what: &'static str, above: &'static str| {
        changed(name, expected, move |body| {
            body.replace(FIRST, what, "");
            body.add(TREE, above);
        })
    };
    let resources = "/Resources << /Font << /F1 3 0 R >> >>";
    let size = "/MediaBox [0 0 595 842]";
    vec![
        without("size inherited", Accepted, size, size),
        without("resources inherited", Accepted, resources, resources),
        without("no size anywhere", Told("page-without-size"), size, ""),
        without("no resources anywhere", Told("page-without-resources"), resources, ""),
        changed("size of three numbers", Refused("page-without-size"), |body| {
            body.replace(FIRST, "[0 0 595 842]", "[0 0 595]");
        }),
        changed("size of nothing", Refused("page-without-size"), |body| {
            body.replace(FIRST, "[0 0 595 842]", "[0 0 0 0]");
        }),
        changed("size of a word", Refused("page-without-size"), |body| {
            body.replace(FIRST, "[0 0 595 842]", "/A4");
        }),
        changed(
            "own size null, another inherited",
            Refused("page-without-size"),
            |body| {
                body.replace(FIRST, "[0 0 595 842]", "null");
                body.add(TREE, "/MediaBox [0 0 300 300]");
            },
        ),
        changed("rotated by an odd angle", Refused(TREE_CODE), |body| {
            body.add(FIRST, "/Rotate 45");
        }),
        changed("rotated by a negative angle", Accepted, |body| {
            body.add(FIRST, "/Rotate -90");
        }),
    ]
}
