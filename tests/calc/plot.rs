//! The drawings of `calc il`.

use super::{calc, stdout};

/// The y of a text's baseline and the number in it, for the labels to the left of the field.
fn y_ticks(svg: &str) -> Vec<(f64, f64)> {
    let labels = svg
        .lines()
        .filter(|line| line.contains("text-anchor=\"end\" class=\"label\""));
    let tick = |line: &str| {
        let y = line.split("y=\"").nth(1)?.split('"').next()?.parse().ok()?;
        let value = line.split('>').nth(1)?.split(" %").next()?.parse().ok()?;
        Some((y, value))
    };
    labels.filter_map(tick).collect()
}

#[test]
fn a_drawing_shows_the_published_losses_at_their_places() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("loss.svg");
    let name = file.to_str().unwrap();
    for (pool, price, published) in [
        ("", "2", -0.057_190_958_417_936_63),
        ("--weight 0.8", "2", -0.032_721_596_337_64),
        ("--range-lower 0.7 --range-upper 1.3", "0.8", -0.042_590_341_483_7),
        ("--range-lower 0.7 --range-upper 1.3", "2", -0.258_314_647_028),
    ] {
        let output = calc(&format!("il --entry-price 1 --price {price} {pool} --svg {name}"));
        assert!(output.status.success());
        let svg = std::fs::read_to_string(&file).unwrap();
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n"));
        assert!(svg.contains("prefers-color-scheme:dark"));
        assert!(
            !svg.contains("href") && !svg.contains("NaN") && !svg.contains("inf\""),
            "{svg}"
        );
        // Two ticks give the scale; the dot at the price must lie on it where the table has the loss.
        let ticks = y_ticks(&svg);
        let ((y0, v0), (y1, v1)) = (ticks[0], ticks[ticks.len() - 1]);
        let expected = y0 - 4.0 + (published * 100.0 - v0) * (y1 - y0) / (v1 - v0);
        let dots = svg.lines().filter(|line| line.contains("<circle"));
        let heights: Vec<f64> = dots
            .map(|line| {
                line.split("cy=\"")
                    .nth(1)
                    .unwrap()
                    .split('"')
                    .next()
                    .unwrap()
                    .parse()
                    .unwrap()
            })
            .collect();
        assert!(
            heights.iter().any(|height| (height - expected).abs() < 0.02),
            "{pool} {price}: {expected} in {heights:?}"
        );
        if pool.contains("range") {
            assert!(svg.contains("lower 0.7") && svg.contains("upper 1.3"));
        }
    }
}

#[test]
fn the_terminals_drawing_fits_it_and_marks_what_matters() {
    for pool in ["", "--weight 0.8", "--range-lower 1600 --range-upper 2500"] {
        let text = stdout(&format!("il --entry-price 2000 --plot {pool}"));
        assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
        assert!(text.contains("^ entry 2000"), "{text}");
        assert_eq!(
            text.contains("^ lower 1600") && text.contains("^ upper 2500"),
            pool.contains("range"),
            "{text}"
        );
        // The curve touches no loss only around the entry: the highest row of dots has a gap on either side.
        let top = text
            .lines()
            .find(|line| line.starts_with("  0 ┤") || line.contains(" 0 ┤"))
            .unwrap();
        assert!(top.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c)), "{text}");
    }
    let both = stdout("il --entry-price 2000 --price 3000 --plot");
    assert!(
        both.contains("^ now 3000") && both.lines().last().unwrap().contains("against holding"),
        "{both}"
    );
}
