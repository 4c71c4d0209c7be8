// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.gofer;

import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.HashMap;

/** A client's fids. Bounded, because each holds a descriptor of the server. */
final class FidTable {

    private final HashMap<Integer, Fid> fids = new HashMap<>();
    private final int limit;

    FidTable(int limit) {
        this.limit = limit;
    }

    Fid get(int fid) throws ErrnoException {
        Fid f = fids.get(fid);
        if (f == null) {
            throw Errno.EBADF.exception();
        }
        return f;
    }

    /**
     * Checks that a number may be bound: it is free, or it is {@code current}, which will be
     * replaced.
     */
    void checkFree(int fid, int current) throws ErrnoException {
        if (fid == -1 || (fid != current && fids.containsKey(fid))) {
            throw Errno.EINVAL.exception();
        }
        if (fid != current && fids.size() >= limit) {
            throw Errno.EMFILE.exception();
        }
    }

    /** Binds a number, closing what it stood for. */
    void put(int fid, Fid value) {
        Fid old = fids.put(fid, value);
        if (old != null) {
            old.close();
        }
    }

    @Nullable
    Fid remove(int fid) {
        return fids.remove(fid);
    }

    int size() {
        return fids.size();
    }

    void closeAll() {
        for (Fid f : fids.values()) {
            f.close();
        }
        fids.clear();
    }
}
