//! The page that follows a run.

use super::{Folder, sample};

#[test]
fn an_import_leaves_the_page_of_its_end() {
    let folder = Folder::new();
    folder.write("list.csv", &sample());
    let import = ["import", "list.csv", "--sandbox", "--report", "page.html"];
    folder.run(1, &import);
    let page = folder.read("page.html");
    assert!(page.contains("<title>247 of 250 customers"));
    assert!(!page.contains("id=\"live\""), "it no longer loads itself");
}

#[test]
fn nothing_is_written_before_the_confirmation() {
    let folder = Folder::new();
    folder.write("list.csv", "name\nAcme\n");
    // There is no key, so the run never begins.
    folder.run(4, &["import", "list.csv", "--report", "page.html"]);
    assert!(!folder.path("page.html").exists());
}

#[test]
fn a_page_never_takes_the_place_of_the_list_or_the_results() {
    let folder = Folder::new();
    folder.write("list.csv", "name\nAcme\n");
    for own in [
        "list.csv",
        "list.sandbox.results.csv",
        "list.sandbox.results.journal",
    ] {
        folder.run(2, &["import", "list.csv", "--sandbox", "--report", own]);
    }
    assert_eq!(folder.read("list.csv"), "name\nAcme\n");
}

#[test]
fn a_missing_folder_is_found_before_anything_is_sent() {
    let folder = Folder::new();
    folder.write("list.csv", "name\nAcme\n");
    let import = [
        "import",
        "list.csv",
        "--sandbox",
        "--report",
        "no/page.html",
    ];
    folder.run(2, &import);
    assert!(!folder.path("list.sandbox.results.csv").exists());
}
