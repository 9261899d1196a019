//! A PNG as an image XObject, its transparency as a soft mask (ISO 32000-2 8.9.5, 11.6.5.2). Bounded before it is decoded.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, Limits, Transformations};

use super::stream;
use crate::append::Section;
use crate::refusal::Refusal;

/// A picture that is in the section.
pub(super) struct Picture {
    pub(super) object: u32,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// Decodes the PNG and puts it into the section.
pub(super) fn put(section: &mut Section<'_>, png: &[u8]) -> Result<Picture, Refusal> {
    let pixels = decode(png)?;
    let head = format!(
        "/Type /XObject /Subtype /Image /Width {} /Height {} /BitsPerComponent 8",
        pixels.width, pixels.height
    );
    let mask = pixels.alpha.map(|alpha| {
        let object = section.reserve();
        section.put(object, stream(&format!("{head} /ColorSpace /DeviceGray"), &alpha));
        format!(" /SMask {object} 0 R")
    });
    let space = if pixels.gray { "DeviceGray" } else { "DeviceRGB" };
    let object = section.reserve();
    section.put(
        object,
        stream(
            &format!("{head} /ColorSpace /{space}{}", mask.unwrap_or_default()),
            &pixels.color,
        ),
    );
    Ok(Picture {
        object,
        width: pixels.width,
        height: pixels.height,
    })
}

struct Pixels {
    width: u32,
    height: u32,
    gray: bool,
    color: Vec<u8>,
    alpha: Option<Vec<u8>>,
}

fn decode(png: &[u8]) -> Result<Pixels, Refusal> {
    let unusable = |what: &'static str| Refusal::PngUnusable { what };
    let mut decoder = Decoder::new_with_limits(Cursor::new(png), Limits { bytes: MAX_MEMORY });
    decoder.set_transformations(Transformations::normalize_to_color8());
    let header = decoder.read_header_info().map_err(|_| unusable("it is no PNG"))?;
    if header.width > MAX_SIDE || header.height > MAX_SIDE {
        return Err(unusable("it is too large"));
    }
    let mut reader = decoder.read_info().map_err(|_| unusable("it cannot be decoded"))?;
    let size = reader
        .output_buffer_size()
        .filter(|&size| size <= MAX_MEMORY)
        .ok_or(unusable("it is too large"))?;
    let mut data = vec![0; size];
    let frame = reader
        .next_frame(&mut data)
        .map_err(|_| unusable("it cannot be decoded"))?;
    if frame.bit_depth != BitDepth::Eight || frame.width == 0 || frame.height == 0 {
        return Err(unusable("its samples are not supported"));
    }
    let (channels, alpha) = match frame.color_type {
        ColorType::Grayscale => (1, false),
        ColorType::GrayscaleAlpha => (1, true),
        ColorType::Rgb => (3, false),
        ColorType::Rgba => (3, true),
        ColorType::Indexed => return Err(unusable("its colours are not supported")),
    };
    data.truncate(frame.buffer_size());
    let (width, height, gray) = (frame.width, frame.height, channels == 1);
    if !alpha {
        return Ok(Pixels {
            width,
            height,
            gray,
            color: data,
            alpha: None,
        });
    }
    let mut color = Vec::with_capacity(data.len());
    let mut mask = Vec::new();
    for pixel in data.chunks_exact(channels + 1) {
        let (samples, opacity) = pixel.split_at(channels);
        color.extend_from_slice(samples);
        mask.extend_from_slice(opacity);
    }
    Ok(Pixels {
        width,
        height,
        gray,
        color,
        alpha: Some(mask),
    })
}

/// A seal at 600 dpi is far below this.
const MAX_SIDE: u32 = 4096;
/// Four channels of the largest picture.
const MAX_MEMORY: usize = 4 * 4096 * 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(color: ColorType, depth: BitDepth, data: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
        encoder.set_color(color);
        encoder.set_depth(depth);
        if color == ColorType::Indexed {
            encoder.set_palette(vec![9, 8, 7, 1, 2, 3]);
            encoder.set_trns(vec![0]);
        }
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        bytes
    }

    #[test]
    fn every_kind_of_png_becomes_eight_bit_samples() {
        for (color, depth, data, gray, expected, alpha) in [
            (
                ColorType::Grayscale,
                BitDepth::Eight,
                &[1, 2][..],
                true,
                &[1, 2][..],
                None,
            ),
            (ColorType::Grayscale, BitDepth::One, &[0x40], true, &[0, 255], None),
            (
                ColorType::GrayscaleAlpha,
                BitDepth::Eight,
                &[1, 2, 3, 4],
                true,
                &[1, 3],
                Some(vec![2, 4]),
            ),
            (
                ColorType::Rgb,
                BitDepth::Sixteen,
                &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0],
                false,
                &[1, 2, 3, 4, 5, 6],
                None,
            ),
            (
                ColorType::Rgba,
                BitDepth::Eight,
                &[1, 2, 3, 4, 5, 6, 7, 8],
                false,
                &[1, 2, 3, 5, 6, 7],
                Some(vec![4, 8]),
            ),
            (
                ColorType::Indexed,
                BitDepth::One,
                &[0x40],
                false,
                &[9, 8, 7, 1, 2, 3],
                Some(vec![0, 255]),
            ),
        ] {
            let pixels = decode(&encode(color, depth, data)).unwrap();
            assert_eq!(
                (pixels.gray, pixels.color.as_slice(), pixels.alpha),
                (gray, expected, alpha),
                "{color:?} {depth:?}"
            );
        }
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let good = encode(ColorType::Rgb, BitDepth::Eight, &[0; 6]);
        let mut huge = good.clone();
        huge[16..20].copy_from_slice(&100_000_u32.to_be_bytes());
        for bytes in [&b""[..], b"GIF89a", good.get(..40).unwrap(), &huge] {
            assert!(
                matches!(decode(bytes), Err(Refusal::PngUnusable { .. })),
                "{} bytes",
                bytes.len()
            );
        }
    }
}
