// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.fs.p9.P9Attributes;
import dev.jvisor.fs.p9.P9DirectoryEntry;
import dev.jvisor.fs.p9.Qid;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.host.HostFiles;
import dev.jvisor.platform.host.NativeBuffer;

import org.jspecify.annotations.Nullable;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;

/** Reads host directories in the form that answers have. */
final class DirectoryReader {

    private static final int BUFFER_SIZE = 32 * 1024;

    // struct linux_dirent64
    private static final int D_OFF = 8;
    private static final int D_RECLEN = 16;
    private static final int D_TYPE = 18;
    private static final int D_NAME = 19;

    private static final P9DirectoryEntry[] NONE = {};

    private final HostTree tree;
    private @Nullable NativeBuffer buffer;
    private boolean ended;

    DirectoryReader(HostTree tree) {
        this.tree = tree;
    }

    void close() {
        NativeBuffer b = buffer;
        if (b != null) {
            b.free();
            buffer = null;
        }
    }

    /**
     * Reads entries.
     *
     * @param fid a directory that is open in the server
     * @param room largest encoded size of all entries, bytes
     * @param extended whether entries have the extended form, {@code attributes} whether they are
     *     wanted
     */
    P9DirectoryEntry[] read(Fid fid, long offset, int room, boolean extended, boolean attributes)
            throws ErrnoException {
        ended = fid.sealed;
        if (fid.sealed) {
            return NONE;
        }
        if (offset != fid.directoryOffset || offset == 0) {
            HostFiles.lseek(fid.openFd, offset, Fcntl.SEEK_SET);
            fid.directoryOffset = offset;
        }
        ArrayList<P9DirectoryEntry> entries = new ArrayList<>();
        int used = 0;
        for (; ; ) {
            NativeBuffer b = buffer();
            int bytes = HostFiles.getdents64(fid.openFd, b.address(), BUFFER_SIZE);
            if (bytes == 0) {
                ended = true;
                return entries.toArray(NONE);
            }
            for (int at = 0; at < bytes; at += b.getShort(at + D_RECLEN) & 0xffff) {
                P9DirectoryEntry e = entry(fid, b, at, attributes);
                used += e.encodedSize(extended);
                if (used > room) {
                    // The kernel's position is behind what is left out: the next request seeks.
                    fid.directoryOffset = -1;
                    return entries.toArray(NONE);
                }
                entries.add(e);
                fid.directoryOffset = e.offset();
            }
        }
    }

    /** Whether the last {@link #read} came to the end of the directory. */
    boolean ended() {
        return ended;
    }

    private P9DirectoryEntry entry(Fid fid, NativeBuffer b, int at, boolean wanted)
            throws ErrnoException {
        long inode = b.getLong(at);
        long offset = b.getLong(at + D_OFF);
        int type = b.getByte(at + D_TYPE) & 0xff;
        String name = name(b, at);
        boolean isDots = ".".equals(name) || "..".equals(name);
        P9Attributes attributes = null;
        if (!isDots && (wanted || type == Dirent.DT_UNKNOWN)) {
            try {
                attributes = tree.attributesOf(fid.openFd, name);
                type = attributes.type() >> 12;
            } catch (ErrnoException e) {
                attributes = null; // gone meanwhile: the name is listed all the same
            }
        }
        int qidType = Qid.typeOf(type << 12);
        return new P9DirectoryEntry(
                new Qid(qidType, 0, inode), offset, type, name, wanted ? attributes : null);
    }

    private static String name(NativeBuffer b, int at) {
        int room = (b.getShort(at + D_RECLEN) & 0xffff) - D_NAME;
        byte[] bytes = new byte[room];
        b.get(at + D_NAME, bytes, 0, room);
        int length = 0;
        while (length < room && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
    }

    private NativeBuffer buffer() {
        NativeBuffer b = buffer;
        if (b == null) {
            buffer = b = NativeBuffer.allocate(BUFFER_SIZE);
        }
        return b;
    }
}
