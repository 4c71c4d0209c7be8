// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

/** An answer, from the gofer to the Sentry. */
public sealed interface RMessage {

    /** The message type: that of the request plus one, or RLERROR. */
    int type();

    /** Appends the body. */
    void body(P9Writer out);

    /** Builds the whole message. */
    default void encode(P9Writer out, int tag) {
        out.begin(type(), tag);
        body(out);
        out.finish();
    }

    /**
     * Decodes a body.
     *
     * @throws P9FormatException if the type is unknown or the body is not exactly one
     */
    static RMessage decode(int type, P9Reader in) throws P9FormatException {
        RMessage m = switch (type) {
            case P9.RLERROR -> new Lerror(in.i32());
            case P9.TVERSION + 1 -> new Version(in.i32(), in.string());
            case P9.TWALK + 1 -> new Walk(qids(in));
            case P9.TWALKGETATTR + 1 -> new WalkGetattr(attributes(in));
            case P9.TLOPEN + 1 -> new Lopen(Qid.decode(in), in.i32(), flag(in));
            case P9.TOPENAT + 1 -> new Openat(P9Attributes.decodeWithDevice(in), flag(in));
            case P9.TLCREATE + 1 -> new Lcreate(Qid.decode(in), in.i32(), flag(in));
            case P9.TREAD + 1 -> new Read(in.bytes());
            case P9.TWRITE + 1 -> new Write(in.i32());
            case P9.TGETATTR + 1 -> new Getattr(P9Attributes.decode(in));
            case P9.TREADDIR + 1 -> new Readdir(entries(in, false));
            case P9.TREADDIRATTR + 1 -> {
                boolean end = flag(in);
                yield new ReaddirAttr(entries(in, true), end);
            }
            case P9.TSTATFS + 1 -> Statfs.decode(in);
            case P9.TREADLINK + 1, P9.TREADLINKAT + 1 -> new Readlink(type, in.string());
            case P9.TXATTRWALK + 1 -> new Xattrwalk(in.i64());
            case P9.TATTACH + 1, P9.TSYMLINK + 1, P9.TMKNOD + 1, P9.TMKDIR + 1 ->
                new WithQid(type, Qid.decode(in));
            default -> {
                if (!isDone(type)) {
                    throw new P9FormatException("unknown message type");
                }
                yield new Done(type);
            }
        };
        in.end();
        return m;
    }

    private static boolean isDone(int type) {
        return switch (type - 1) {
            case P9.TFLUSH,
                    P9.TCLUNK,
                    P9.TSETATTR,
                    P9.TFSYNC,
                    P9.TLINK,
                    P9.TRENAMEAT,
                    P9.TRENAMEAT2,
                    P9.TUNLINKAT,
                    P9.TXATTRCREATE -> true;
            default -> false;
        };
    }

    private static boolean flag(P9Reader in) throws P9FormatException {
        int value = in.u8();
        if (value > 1) {
            throw new P9FormatException("flag out of range");
        }
        return value == 1;
    }

    private static Qid[] qids(P9Reader in) throws P9FormatException {
        Qid[] qids = new Qid[count(in)];
        for (int i = 0; i < qids.length; i++) {
            qids[i] = Qid.decode(in);
        }
        return qids;
    }

    private static P9Attributes[] attributes(P9Reader in) throws P9FormatException {
        P9Attributes[] list = new P9Attributes[count(in)];
        for (int i = 0; i < list.length; i++) {
            list[i] = P9Attributes.decodeWithDevice(in);
        }
        return list;
    }

    private static int count(P9Reader in) throws P9FormatException {
        int count = in.u16();
        if (count > P9.WALK_NAMES_MAX) {
            throw new P9FormatException("too many steps");
        }
        return count;
    }

    private static P9DirectoryEntry[] entries(P9Reader in, boolean extended)
            throws P9FormatException {
        int length = in.i32();
        if (length != in.remaining()) {
            throw new P9FormatException("directory data of another length");
        }
        P9DirectoryEntry[] list = new P9DirectoryEntry[16];
        int n = 0;
        while (in.remaining() > 0) {
            if (n == list.length) {
                list = java.util.Arrays.copyOf(list, 2 * n);
            }
            list[n++] = P9DirectoryEntry.decode(in, extended);
        }
        return java.util.Arrays.copyOf(list, n);
    }

    private static void putEntries(P9Writer out, P9DirectoryEntry[] entries, boolean extended) {
        int at = out.size();
        out.i32(0);
        for (P9DirectoryEntry e : entries) {
            e.encode(out, extended);
        }
        out.patch32(at, out.size() - at - 4);
    }

    /** The request failed; {@code number} is a Linux error number. */
    record Lerror(int number) implements RMessage {
        @Override
        public int type() {
            return P9.RLERROR;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(number);
        }
    }

    /** The session is open with this message size and version. */
    record Version(int messageSize, String version) implements RMessage {
        @Override
        public int type() {
            return P9.TVERSION + 1;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(messageSize);
            out.string(version);
        }
    }

    /** Steps that were walked: fewer than asked means that {@code newFid} is not bound. */
    record Walk(Qid[] qids) implements RMessage {
        @Override
        public int type() {
            return P9.TWALK + 1;
        }

        @Override
        public void body(P9Writer out) {
            out.u16(qids.length);
            for (Qid q : qids) {
                q.encode(out);
            }
        }
    }

    /** Attributes of each step; without names, of the fid itself. */
    record WalkGetattr(P9Attributes[] attributes) implements RMessage {
        @Override
        public int type() {
            return P9.TWALKGETATTR + 1;
        }

        @Override
        public void body(P9Writer out) {
            out.u16(attributes.length);
            for (P9Attributes a : attributes) {
                a.encodeWithDevice(out);
            }
        }
    }

    /** The file is open; {@code donated}: the message carries its descriptor. */
    record Lopen(Qid qid, int ioUnit, boolean donated) implements RMessage {
        @Override
        public int type() {
            return P9.TLOPEN + 1;
        }

        @Override
        public void body(P9Writer out) {
            qid.encode(out);
            out.i32(ioUnit);
            out.u8(donated ? 1 : 0);
        }
    }

    /** The file is open; always donated from our server. */
    record Openat(P9Attributes attributes, boolean donated) implements RMessage {
        @Override
        public int type() {
            return P9.TOPENAT + 1;
        }

        @Override
        public void body(P9Writer out) {
            attributes.encodeWithDevice(out);
            out.u8(donated ? 1 : 0);
        }
    }

    /** The file is created and open. */
    record Lcreate(Qid qid, int ioUnit, boolean donated) implements RMessage {
        @Override
        public int type() {
            return P9.TLCREATE + 1;
        }

        @Override
        public void body(P9Writer out) {
            qid.encode(out);
            out.i32(ioUnit);
            out.u8(donated ? 1 : 0);
        }
    }

    /** Data, empty at the end. */
    record Read(byte[] data) implements RMessage {
        @Override
        public int type() {
            return P9.TREAD + 1;
        }

        @Override
        public void body(P9Writer out) {
            out.bytes(data, 0, data.length);
        }
    }

    /** Bytes written. */
    record Write(int count) implements RMessage {
        @Override
        public int type() {
            return P9.TWRITE + 1;
        }

        @Override
        public void body(P9Writer out) {
            out.i32(count);
        }
    }

    /** Attributes without a device. */
    record Getattr(P9Attributes attributes) implements RMessage {
        @Override
        public int type() {
            return P9.TGETATTR + 1;
        }

        @Override
        public void body(P9Writer out) {
            attributes.encode(out);
        }
    }

    /** Entries, none at the end. */
    record Readdir(P9DirectoryEntry[] list) implements RMessage {
        @Override
        public int type() {
            return P9.TREADDIR + 1;
        }

        @Override
        public void body(P9Writer out) {
            putEntries(out, list, false);
        }
    }

    /** Entries, with attributes if asked; {@code end}: there are no more. */
    record ReaddirAttr(P9DirectoryEntry[] list, boolean end) implements RMessage {
        @Override
        public int type() {
            return P9.TREADDIRATTR + 1;
        }

        @Override
        public void body(P9Writer out) {
            out.u8(end ? 1 : 0);
            putEntries(out, list, true);
        }
    }

    /** What statfs(2) says. */
    record Statfs(
            int fsType,
            int blockSize,
            long blocks,
            long blocksFree,
            long blocksAvailable,
            long files,
            long filesFree,
            long id,
            int nameLength)
            implements RMessage {
        @Override
        public int type() {
            return P9.TSTATFS + 1;
        }

        static Statfs decode(P9Reader in) throws P9FormatException {
            return new Statfs(
                    in.i32(), in.i32(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(), in.i64(),
                    in.i32());
        }

        @Override
        public void body(P9Writer out) {
            out.i32(fsType);
            out.i32(blockSize);
            out.i64(blocks);
            out.i64(blocksFree);
            out.i64(blocksAvailable);
            out.i64(files);
            out.i64(filesFree);
            out.i64(id);
            out.i32(nameLength);
        }
    }

    /** Rreadlink, Rreadlinkat: a link's target. */
    record Readlink(int type, String target) implements RMessage {
        @Override
        public void body(P9Writer out) {
            out.string(target);
        }
    }

    /** Size of the attribute's value, bytes. */
    record Xattrwalk(long size) implements RMessage {
        @Override
        public int type() {
            return P9.TXATTRWALK + 1;
        }

        @Override
        public void body(P9Writer out) {
            out.i64(size);
        }
    }

    /** Rattach, Rsymlink, Rmknod, Rmkdir: the file that is there now. */
    record WithQid(int type, Qid qid) implements RMessage {
        @Override
        public void body(P9Writer out) {
            qid.encode(out);
        }
    }

    /** An answer without a body. */
    record Done(int type) implements RMessage {
        @Override
        public void body(P9Writer out) {}
    }
}
