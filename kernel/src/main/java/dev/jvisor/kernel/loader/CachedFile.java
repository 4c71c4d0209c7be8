// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.loader;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.mm.usercopy.IovIter;
import dev.jvisor.platform.abi.ErrnoException;

/**
 * Reads a program file. Its first page, which nearly always holds all that the loader wants, is
 * read once.
 */
final class CachedFile implements FileReader {

    private static final int HEAD_SIZE = 4096;

    private final CallContext context;
    private final FileDescription file;
    private final byte[] head = new byte[HEAD_SIZE];
    private final int headLength;

    CachedFile(CallContext context, FileDescription file) throws ErrnoException {
        this.context = context;
        this.file = file;
        this.headLength = readFully(0, head, 0, HEAD_SIZE);
    }

    /** The first bytes, padded with zeros. */
    byte[] head() {
        return head;
    }

    int headLength() {
        return headLength;
    }

    @Override
    public int read(long offset, byte[] destination, int index, int length) throws ErrnoException {
        if (offset + length <= headLength) {
            System.arraycopy(head, (int) offset, destination, index, length);
            return length;
        }
        return readFully(offset, destination, index, length);
    }

    private int readFully(long offset, byte[] destination, int index, int length)
            throws ErrnoException {
        int done = 0;
        while (done < length) {
            IovIter iter = IovIter.of(destination, index + done, length - done);
            long n = file.readAt(context, iter, offset + done);
            if (n <= 0) {
                break;
            }
            done += (int) n;
        }
        return done;
    }
}
