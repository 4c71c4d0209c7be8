// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.kernel.ipc;

import dev.jvisor.fs.cred.Credentials;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.mm.SharedAnonymous;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.LittleEndian;

/** A segment of shared memory (Linux: {@code struct shmid_kernel}). */
public final class SharedMemory extends IpcObject implements Mappable {

    /** Size of {@code struct shmid64_ds}, in bytes. */
    public static final int STAT_SIZE = 112;

    /** Bits of the mode: to be destroyed, locked. */
    static final int SHM_DEST = 01000;

    static final int SHM_LOCKED = 02000;

    /** Linux shows the number of an internal tmpfs. */
    private static final long DEVICE_ID = 1;

    private final SharedMemoryTable table;
    private final SharedAnonymous memory;
    private final String name;

    /** Size as asked for, in bytes. */
    final long size;

    final int creatorPid;
    int lastPid;
    long attachSeconds;
    long detachSeconds;

    /** Bytes of all mappings together. */
    long mappedBytes;

    SharedMemory(
            SharedMemoryTable table,
            int key,
            int mode,
            Credentials creator,
            long nowSeconds,
            SharedAnonymous memory,
            long size) {
        super(key, mode, creator, nowSeconds);
        this.table = table;
        this.memory = memory;
        this.size = size;
        Task task = Task.current();
        creatorPid = task == null ? 0 : task.threadGroup().id();
        String hex = Integer.toHexString(key);
        name = "/SYSV" + "0".repeat(8 - hex.length()) + hex + " (deleted)";
    }

    /** Size in whole pages, in bytes. */
    public long pagesSize() {
        return memory.size();
    }

    /** Attachments: mappings of the whole; a part of one counts as one. */
    long attachments() {
        long whole = pagesSize();
        return (mappedBytes + whole - 1) / whole;
    }

    void free() {
        memory.release();
    }

    @Override
    void write(byte[] b) {
        writePermissions(b);
        LittleEndian.putLong(b, PERM_SIZE, size);
        LittleEndian.putLong(b, 56, attachSeconds);
        LittleEndian.putLong(b, 64, detachSeconds);
        LittleEndian.putLong(b, 72, changeSeconds);
        LittleEndian.putInt(b, 80, creatorPid);
        LittleEndian.putInt(b, 84, lastPid);
        LittleEndian.putLong(b, 88, attachments());
    }

    @Override
    public void locate(long offset, long length, Location result) throws ErrnoException {
        memory.locate(offset, length, result);
    }

    @Override
    public long size() {
        return memory.size();
    }

    @Override
    public int read(long offset, byte[] destination, int index, int length) {
        return memory.read(offset, destination, index, length);
    }

    @Override
    public int write(long offset, byte[] source, int index, int length) {
        return memory.write(offset, source, index, length);
    }

    @Override
    public void addMapping(MemoryManager mm, long address, long length, long offset) {
        memory.addMapping(mm, address, length, offset);
        table.attached(this, length);
    }

    @Override
    public void removeMapping(MemoryManager mm, long address, long length, long offset) {
        table.detached(this, length);
        memory.removeMapping(mm, address, length, offset);
    }

    @Override
    public void punchHole(long offset, long length) {
        memory.punchHole(offset, length);
    }

    @Override
    public String mappingName() {
        return name;
    }

    @Override
    public long deviceId() {
        return DEVICE_ID;
    }

    @Override
    public long inodeId() {
        return id;
    }
}
