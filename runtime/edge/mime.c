#include "edge/mime.h"

/* The types of the web as registered with IANA, by extension. */
static const struct {
    const char *extension, *type;
} types[] = {
    {"html", "text/html;charset=utf-8"},
    {"htm", "text/html;charset=utf-8"},
    {"css", "text/css;charset=utf-8"},
    {"js", "text/javascript;charset=utf-8"},
    {"mjs", "text/javascript;charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"webmanifest", "application/manifest+json"},
    {"txt", "text/plain;charset=utf-8"},
    {"md", "text/markdown;charset=utf-8"},
    {"csv", "text/csv;charset=utf-8"},
    {"xml", "application/xml"},
    {"ics", "text/calendar;charset=utf-8"},
    {"vtt", "text/vtt;charset=utf-8"},
    {"svg", "image/svg+xml"},
    {"png", "image/png"},
    {"apng", "image/apng"},
    {"jpg", "image/jpeg"},
    {"jpeg", "image/jpeg"},
    {"gif", "image/gif"},
    {"webp", "image/webp"},
    {"avif", "image/avif"},
    {"bmp", "image/bmp"},
    {"ico", "image/vnd.microsoft.icon"},
    {"tif", "image/tiff"},
    {"tiff", "image/tiff"},
    {"woff", "font/woff"},
    {"woff2", "font/woff2"},
    {"ttf", "font/ttf"},
    {"otf", "font/otf"},
    {"mp3", "audio/mpeg"},
    {"m4a", "audio/mp4"},
    {"ogg", "audio/ogg"},
    {"oga", "audio/ogg"},
    {"opus", "audio/ogg"},
    {"wav", "audio/wav"},
    {"flac", "audio/flac"},
    {"mp4", "video/mp4"},
    {"m4v", "video/mp4"},
    {"webm", "video/webm"},
    {"ogv", "video/ogg"},
    {"mov", "video/quicktime"},
    {"wasm", "application/wasm"},
    {"pdf", "application/pdf"},
    {"zip", "application/zip"},
    {"gz", "application/gzip"},
    {"tar", "application/x-tar"},
    {"glb", "model/gltf-binary"},
    {"gltf", "model/gltf+json"},
};

static struct pl_slice extension_of(struct pl_slice path) {
    const char *dot = memrchr(path.at, '.', path.len);
    if (dot == NULL || memchr(dot, '/', path.len - (size_t)(dot - path.at)) != NULL) {
        return (struct pl_slice){0};
    }
    return pl_slice_after(path, (size_t)(dot - path.at) + 1);
}

const char *pl_mime_type(struct pl_slice path) {
    struct pl_slice extension = extension_of(path);
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (pl_slice_equal_nocase(extension, pl_slice_of(types[i].extension))) {
            return types[i].type;
        }
    }
    return "application/octet-stream";
}
