// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.p9;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;

import java.util.Arrays;
import java.util.Random;

/**
 * What is encoded decodes to the same message, and whatever else arrives is an error and nothing
 * worse.
 */
final class P9CodecProperties {

    private static final int[] REQUEST_TYPES = {
        P9.TSTATFS, P9.TLOPEN, P9.TLCREATE, P9.TSYMLINK, P9.TMKNOD, P9.TREADLINK, P9.TGETATTR,
        P9.TSETATTR, P9.TXATTRWALK, P9.TXATTRCREATE, P9.TREADDIR, P9.TFSYNC, P9.TLINK, P9.TMKDIR,
        P9.TRENAMEAT, P9.TUNLINKAT, P9.TVERSION, P9.TATTACH, P9.TFLUSH, P9.TWALK, P9.TREAD,
        P9.TWRITE, P9.TCLUNK, P9.TREADLINKAT, P9.TWALKGETATTR, P9.TREADDIRATTR, P9.TOPENAT,
                P9.TRENAMEAT2
    };

    private static String text(Random random) {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
    }

    private static String[] names(Random random) {
        String[] names = new String[random.nextInt(P9.WALK_NAMES_MAX + 1)];
        Arrays.setAll(names, i -> text(random));
        return names;
    }

    private static byte[] data(Random random) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static TMessage request(int type, Random r) {
        int i = r.nextInt();
        long l = r.nextLong();
        return switch (type) {
            case P9.TSTATFS -> new TMessage.Statfs(i);
            case P9.TLOPEN -> new TMessage.Lopen(i, r.nextInt());
            case P9.TLCREATE ->
                new TMessage.Lcreate(i, text(r), r.nextInt(), r.nextInt(), r.nextInt());
            case P9.TSYMLINK -> new TMessage.Symlink(i, text(r), text(r), r.nextInt());
            case P9.TMKNOD ->
                new TMessage.Mknod(i, text(r), r.nextInt(), r.nextInt(), r.nextInt(), r.nextInt());
            case P9.TREADLINK -> new TMessage.Readlink(i);
            case P9.TREADLINKAT -> new TMessage.Readlinkat(i, text(r));
            case P9.TGETATTR -> new TMessage.Getattr(i, l);
            case P9.TSETATTR ->
                new TMessage.Setattr(
                        i,
                        r.nextInt(),
                        r.nextInt(),
                        r.nextInt(),
                        r.nextInt(),
                        l,
                        r.nextLong(),
                        r.nextLong(),
                        r.nextLong(),
                        r.nextLong());
            case P9.TXATTRWALK -> new TMessage.Xattrwalk(i, r.nextInt(), text(r));
            case P9.TXATTRCREATE -> new TMessage.Xattrcreate(i, text(r), l, r.nextInt());
            case P9.TREADDIR -> new TMessage.Readdir(i, l, r.nextInt());
            case P9.TFSYNC -> new TMessage.Fsync(i, r.nextInt());
            case P9.TLINK -> new TMessage.Link(i, r.nextInt(), text(r));
            case P9.TMKDIR -> new TMessage.Mkdir(i, text(r), r.nextInt(), r.nextInt());
            case P9.TRENAMEAT -> new TMessage.Renameat(i, text(r), r.nextInt(), text(r));
            case P9.TRENAMEAT2 ->
                new TMessage.Renameat2(i, text(r), r.nextInt(), text(r), r.nextInt());
            case P9.TUNLINKAT -> new TMessage.Unlinkat(i, text(r), r.nextInt());
            case P9.TVERSION -> new TMessage.Version(i, text(r));
            case P9.TATTACH -> new TMessage.Attach(i, r.nextInt(), text(r), text(r), r.nextInt());
            case P9.TFLUSH -> new TMessage.Flush(i & 0xffff);
            case P9.TWALK -> new TMessage.Walk(i, r.nextInt(), names(r));
            case P9.TREAD -> new TMessage.Read(i, l, r.nextInt());
            case P9.TWRITE -> new TMessage.Write(i, l, data(r));
            case P9.TCLUNK -> new TMessage.Clunk(i);
            case P9.TWALKGETATTR ->
                new TMessage.WalkGetattr(i, r.nextInt(), r.nextInt(256), names(r));
            case P9.TREADDIRATTR -> new TMessage.ReaddirAttr(i, l, r.nextInt(), r.nextInt(256));
            case P9.TOPENAT -> new TMessage.Openat(i, text(r), r.nextInt());
            default -> throw new AssertionError(type);
        };
    }

    private static P9Attributes attributes(Random r) {
        P9Attributes a = new P9Attributes();
        a.device = r.nextLong();
        a.valid = r.nextLong();
        a.inode = r.nextLong();
        a.mode = r.nextInt(1 << 16);
        a.uid = r.nextInt();
        a.gid = r.nextInt();
        a.links = r.nextLong();
        a.rdevice = r.nextLong();
        a.size = r.nextLong() & Long.MAX_VALUE;
        a.blockSize = r.nextLong();
        a.blocks = r.nextLong();
        a.accessSeconds = r.nextLong();
        a.accessNanos = r.nextLong();
        a.modifySeconds = r.nextLong();
        a.modifyNanos = r.nextLong();
        a.changeSeconds = r.nextLong();
        a.changeNanos = r.nextLong();
        a.birthSeconds = r.nextLong();
        a.birthNanos = r.nextLong();
        return a;
    }

    private static Qid qid(Random r) {
        return new Qid(r.nextInt(256), r.nextInt(), r.nextLong());
    }

    private static P9DirectoryEntry[] entries(Random r, boolean extended) {
        P9DirectoryEntry[] list = new P9DirectoryEntry[r.nextInt(20)];
        Arrays.setAll(
                list,
                i -> new P9DirectoryEntry(
                        qid(r),
                        r.nextLong(),
                        r.nextInt(256),
                        text(r),
                        extended && r.nextBoolean() ? attributes(r) : null));
        return list;
    }

    private static RMessage[] answers(Random r) {
        Qid[] qids = new Qid[r.nextInt(P9.WALK_NAMES_MAX + 1)];
        Arrays.setAll(qids, i -> qid(r));
        P9Attributes[] steps = new P9Attributes[r.nextInt(P9.WALK_NAMES_MAX + 1)];
        Arrays.setAll(steps, i -> attributes(r));
        return new RMessage[] {
            new RMessage.Lerror(r.nextInt()),
            new RMessage.Version(r.nextInt(), text(r)),
            new RMessage.Walk(qids),
            new RMessage.WalkGetattr(steps),
            new RMessage.Lopen(qid(r), r.nextInt(), r.nextBoolean()),
            new RMessage.Openat(attributes(r), r.nextBoolean()),
            new RMessage.Lcreate(qid(r), r.nextInt(), r.nextBoolean()),
            new RMessage.Read(data(r)),
            new RMessage.Write(r.nextInt()),
            new RMessage.Getattr(attributes(r)),
            new RMessage.Readdir(entries(r, false)),
            new RMessage.ReaddirAttr(entries(r, true), r.nextBoolean()),
            new RMessage.Statfs(
                    r.nextInt(),
                    r.nextInt(),
                    r.nextLong(),
                    r.nextLong(),
                    r.nextLong(),
                    r.nextLong(),
                    r.nextLong(),
                    r.nextLong(),
                    r.nextInt()),
            new RMessage.Readlink(P9.TREADLINK + 1, text(r)),
            new RMessage.Readlink(P9.TREADLINKAT + 1, text(r)),
            new RMessage.Xattrwalk(r.nextLong()),
            new RMessage.WithQid(P9.TMKDIR + 1, qid(r)),
            new RMessage.WithQid(P9.TATTACH + 1, qid(r)),
            new RMessage.Done(P9.TCLUNK + 1),
            new RMessage.Done(P9.TRENAMEAT2 + 1),
        };
    }

    private static byte[] bytesOf(P9Writer writer) {
        return Arrays.copyOf(writer.array(), writer.size());
    }

    private static P9Reader body(byte[] message, int type, int tag) throws P9FormatException {
        P9Reader in = new P9Reader(message, 0, message.length);
        assertThat(in.i32()).isEqualTo(message.length);
        assertThat(in.u8()).isEqualTo(type);
        assertThat(in.u16()).isEqualTo(tag);
        return in;
    }

    @Property(tries = 200)
    void requestsComeBackAsTheyWere(@ForAll long seed) throws P9FormatException {
        Random random = new Random(seed);
        P9Writer writer = new P9Writer();
        for (int type : REQUEST_TYPES) {
            int tag = random.nextInt(1 << 16);
            request(type, random).encode(writer, tag);
            byte[] bytes = bytesOf(writer);
            TMessage decoded = TMessage.decode(type, body(bytes, type, tag));
            assertThat(decoded.type()).isEqualTo(type);
            decoded.encode(writer, tag);
            assertThat(bytesOf(writer)).isEqualTo(bytes);
        }
    }

    @Property(tries = 200)
    void answersComeBackAsTheyWere(@ForAll long seed) throws P9FormatException {
        Random random = new Random(seed);
        P9Writer writer = new P9Writer();
        for (RMessage answer : answers(random)) {
            answer.encode(writer, 3);
            byte[] bytes = bytesOf(writer);
            RMessage decoded = RMessage.decode(answer.type(), body(bytes, answer.type(), 3));
            assertThat(decoded).hasSameClassAs(answer);
            decoded.encode(writer, 3);
            assertThat(bytesOf(writer)).isEqualTo(bytes);
        }
    }

    @Property(tries = 200)
    void cutOrLengthenedMessagesAreRefused(@ForAll long seed) {
        Random random = new Random(seed);
        P9Writer writer = new P9Writer();
        int type = REQUEST_TYPES[random.nextInt(REQUEST_TYPES.length)];
        request(type, random).encode(writer, 1);
        byte[] bytes = Arrays.copyOf(writer.array(), writer.size() + 1);
        for (int length = P9.HEADER_SIZE; length <= writer.size() + 1; length++) {
            boolean whole = length == writer.size();
            assertThat(decodes(type, bytes, length)).isEqualTo(whole);
        }
    }

    private static boolean decodes(int type, byte[] bytes, int length) {
        try {
            P9Reader in = new P9Reader(bytes, P9.HEADER_SIZE, length - P9.HEADER_SIZE);
            TMessage.decode(type, in);
            return true;
        } catch (P9FormatException e) {
            return false;
        }
    }

    @Property(tries = 2000)
    void garbageIsDecodedOrRefused(@ForAll @Size(max = 400) byte[] garbage, @ForAll byte type) {
        P9Reader in = new P9Reader(garbage, 0, garbage.length);
        try {
            TMessage.decode(type & 0xff, in);
        } catch (P9FormatException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
        in.reset(garbage, 0, garbage.length);
        try {
            RMessage.decode(type & 0xff, in);
        } catch (P9FormatException e) {
            assertThat(e).hasMessageNotContaining("null");
        }
    }
}
