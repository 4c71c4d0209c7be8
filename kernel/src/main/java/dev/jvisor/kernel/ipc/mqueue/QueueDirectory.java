// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc.mqueue;

import dev.jvisor.fs.kernfs.DirectoryLister;
import dev.jvisor.fs.kernfs.KernfsDirectory;
import dev.jvisor.fs.kernfs.KernfsFilesystem;
import dev.jvisor.fs.vfs.CallContext;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.platform.abi.Dirent;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.StatMode;

import org.jspecify.annotations.Nullable;

import java.util.Map;
import java.util.TreeMap;

/** The root of the file system: names of queues. */
final class QueueDirectory extends KernfsDirectory {

    private static final int FIRST_POSITION = 2;

    private final QueueFilesystem queues;

    /** Guarded by itself. */
    private final TreeMap<String, Queue> entries = new TreeMap<>();

    QueueDirectory(QueueFilesystem filesystem) {
        super(
                filesystem,
                KernfsFilesystem.ROOT_NUMBER,
                StatMode.S_IFDIR | 01777,
                KernfsFilesystem.ROOT_NUMBER);
        this.queues = filesystem;
    }

    @Override
    public @Nullable Inode lookup(CallContext context, String name) {
        synchronized (entries) {
            return entries.get(name);
        }
    }

    @Override
    public Inode create(CallContext context, String name, int mode) throws ErrnoException {
        Queue made = new Queue(queues, context, mode, queues.admit(context));
        synchronized (entries) {
            entries.put(name, made);
        }
        return made;
    }

    @Override
    public void unlink(CallContext context, String name, Inode child) {
        synchronized (entries) {
            entries.remove(name);
        }
        ((Queue) child).unlinked();
    }

    @Override
    protected void list(CallContext context, long from, DirectoryLister lister) {
        synchronized (entries) {
            long position = FIRST_POSITION;
            for (Map.Entry<String, Queue> entry : entries.entrySet()) {
                if (position++ >= from
                        && !lister.add(
                                entry.getKey(),
                                entry.getValue().number(),
                                Dirent.DT_REG,
                                position)) {
                    return;
                }
            }
        }
    }

    @Override
    protected long statSize(CallContext context) {
        synchronized (entries) {
            return 40 + 20L * entries.size();
        }
    }
}
