// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.dev;

import dev.jvisor.fs.tmpfs.FileData;
import dev.jvisor.fs.tmpfs.PageBudget;
import dev.jvisor.fs.vfs.Inode;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.pages.PageAllocator;
import dev.jvisor.platform.abi.ErrnoException;

/** What mmap(2) of /dev/zero maps: memory of its own for each call, filled when touched. */
final class ZeroMappable implements Mappable {

    private final FileData data;
    private final Inode node;

    ZeroMappable(PageAllocator pages, Inode node) {
        data = FileData.endless(pages, new PageBudget(0, 0), this);
        this.node = node;
    }

    @Override
    public void locate(long offset, long length, Location result) throws ErrnoException {
        data.locate(offset, length, result);
    }

    @Override
    public long size() {
        return data.size();
    }

    @Override
    public int read(long offset, byte[] destination, int index, int length) throws ErrnoException {
        return data.read(offset, destination, index, length);
    }

    @Override
    public int write(long offset, byte[] source, int index, int length) throws ErrnoException {
        return data.write(offset, source, index, length);
    }

    @Override
    public void addMapping(MemoryManager mm, long address, long length, long offset) {
        data.addMapping(mm, length);
    }

    @Override
    public void removeMapping(MemoryManager mm, long address, long length, long offset) {
        data.removeMapping(mm, length);
        if (!data.isMapped()) {
            data.discard();
        }
    }

    @Override
    public String mappingName() {
        return "/dev/zero";
    }

    @Override
    public long deviceId() {
        return node.filesystem().deviceId();
    }

    @Override
    public long inodeId() {
        return System.identityHashCode(this);
    }
}
