// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.kernfs;

import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;

import org.jspecify.annotations.Nullable;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A directory with a fixed set of entries, which is made when it is first looked at. */
public abstract class StaticDirectory extends KernfsDirectory {

    private static final int FIRST_POSITION = 2;

    /** Null until it is populated; never changed afterwards. */
    private volatile @Nullable Entries entries;

    /** The entries, in the order they were added. */
    protected static final class Entries {
        private final List<String> names = new ArrayList<>();
        private final Map<String, KernfsInode> inodes = new HashMap<>();
        private int directories;

        private Entries() {}

        /** Adds an entry. */
        public void add(String name, KernfsInode inode) {
            if (inodes.put(name, inode) == null) {
                names.add(name);
                if (inode.isDirectory()) {
                    directories++;
                }
            }
        }
    }

    /** Makes one of the usual mode. */
    protected StaticDirectory(KernfsFilesystem filesystem, long number, long parentNumber) {
        super(filesystem, number, MODE, parentNumber);
    }

    /** Adds all entries; called once. */
    protected abstract void populate(Entries entries);

    private Entries entries() {
        Entries e = entries;
        if (e == null) {
            synchronized (this) {
                e = entries;
                if (e == null) {
                    e = new Entries();
                    populate(e);
                    entries = e;
                }
            }
        }
        return e;
    }

    @Override
    public @Nullable KernfsInode lookup(CallContext context, String name) throws ErrnoException {
        KernfsInode inode = entries().inodes.get(name);
        if (inode == null && !filesystem().hasNegativeEntries()) {
            throw Errno.ENOENT.exception();
        }
        return inode;
    }

    @Override
    protected void list(CallContext context, long from, DirectoryLister lister) {
        Entries e = entries();
        for (long i = from - FIRST_POSITION; i < e.names.size(); i++) {
            String name = e.names.get((int) i);
            KernfsInode inode = e.inodes.get(name);
            if (inode != null && !lister.add(name, inode, i + FIRST_POSITION + 1)) {
                return;
            }
        }
    }

    @Override
    protected int links(CallContext context) {
        return 2 + entries().directories;
    }
}
