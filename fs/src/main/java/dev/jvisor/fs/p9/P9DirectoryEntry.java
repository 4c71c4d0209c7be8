// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

import org.jspecify.annotations.Nullable;

/**
 * An entry of a directory as Rreaddir and Rreaddirattr list it.
 *
 * @param offset where the next entry starts: opaque, given back in the next request
 * @param type {@code DT_*}
 * @param attributes what Treaddirattr asked for; null if not asked or if the entry went away
 *     meanwhile
 */
public record P9DirectoryEntry(
        Qid qid,
        long offset,
        int type,
        String name,
        @Nullable P9Attributes attributes) {

    void encode(P9Writer out, boolean extended) {
        qid.encode(out);
        out.i64(offset);
        out.u8(type);
        out.string(name);
        if (extended) {
            out.u8(attributes == null ? 0 : 1);
            if (attributes != null) {
                attributes.encodeWithDevice(out);
            }
        }
    }

    static P9DirectoryEntry decode(P9Reader in, boolean extended) throws P9FormatException {
        Qid qid = Qid.decode(in);
        long offset = in.i64();
        int type = in.u8();
        String name = in.string();
        P9Attributes attributes = null;
        if (extended) {
            int present = in.u8();
            if (present > 1) {
                throw new P9FormatException("flag out of range");
            }
            attributes = present == 1 ? P9Attributes.decodeWithDevice(in) : null;
        }
        return new P9DirectoryEntry(qid, offset, type, name, attributes);
    }

    /** Returns the encoded size, bytes. */
    public int encodedSize(boolean extended) {
        int base = 13 + 8 + 1 + 2 + name.length();
        if (!extended) {
            return base;
        }
        return base + 1 + (attributes == null ? 0 : P9Attributes.ENCODED_SIZE);
    }
}
