// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

import dev.jvisor.fs.wait.WaitQueue;

/**
 * Who gets signals when an open file becomes ready, F_SETOWN and O_ASYNC (Linux: {@code struct
 * fown_struct}). While it is armed it stands in the file's wait queue.
 */
public abstract class AsyncOwner extends WaitQueue.Entry {

    /** The file ends: nothing is sent any more. */
    protected abstract void fileReleased(FileDescription file);
}
