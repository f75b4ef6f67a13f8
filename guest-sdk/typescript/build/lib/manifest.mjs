// The manifest travels in a custom section at the component's top level.

const SECTION = "lockgate:manifest";

export function withManifest(component, text) {
    const name = Buffer.from(SECTION);
    const content = Buffer.concat([leb128(name.length), name, Buffer.from(text)]);
    return Buffer.concat([component, Buffer.from([0]), leb128(content.length), content]);
}

function leb128(value) {
    const bytes = [];
    do {
        bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
        value >>>= 7;
    } while (value > 0);
    return Buffer.from(bytes);
}
