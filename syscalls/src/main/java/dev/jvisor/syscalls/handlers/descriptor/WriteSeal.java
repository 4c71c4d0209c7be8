// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.syscalls.handlers.descriptor;

import dev.jvisor.fs.vfs.FileDescription;
import dev.jvisor.kernel.task.Task;
import dev.jvisor.kernel.task.ThreadGroup;
import dev.jvisor.mm.Mappable;
import dev.jvisor.mm.MemoryManager;
import dev.jvisor.platform.abi.Errno;
import dev.jvisor.platform.abi.ErrnoException;
import dev.jvisor.platform.abi.Fcntl;
import dev.jvisor.platform.abi.Mman;

import org.jspecify.annotations.Nullable;

/** F_SEAL_WRITE: a memfd that somebody can write by a mapping cannot be sealed against it. */
final class WriteSeal {

    private WriteSeal() {}

    /** EBUSY if the seal is asked for and a writable shared mapping is there. */
    static void check(Task task, FileDescription file, long seals) throws ErrnoException {
        if ((seals & Fcntl.F_SEAL_WRITE) == 0 || !file.isWritable()) {
            return;
        }
        long now = file.fcntl(task, Fcntl.F_GET_SEALS, 0);
        if ((now & (Fcntl.F_SEAL_SEAL | Fcntl.F_SEAL_WRITE)) != 0) {
            return;
        }
        Object object = file.mappable(task).identity();
        boolean[] busy = new boolean[1];
        task.kernel().tasks().forEachThreadGroup(group -> {
            MemoryManager memory = memory(group);
            if (memory != null) {
                memory.forEachVma((start, end, protection, flags, offset, mapped, name) ->
                        busy[0] |= isWritableMapping(mapped, object, protection, flags));
            }
            return !busy[0];
        });
        if (busy[0]) {
            throw Errno.EBUSY.exception();
        }
    }

    private static @Nullable MemoryManager memory(ThreadGroup group) {
        for (Task member : group.tasks()) {
            MemoryManager memory = member.memoryOrNull();
            if (memory != null) {
                return memory;
            }
        }
        return null;
    }

    private static boolean isWritableMapping(
            @Nullable Mappable mapped, Object object, int protection, int flags) {
        return mapped != null
                && (protection & Mman.PROT_WRITE) != 0
                && (flags & Mman.MAP_TYPE) == Mman.MAP_SHARED
                && mapped.identity() == object;
    }
}
