// SPDX-License-Identifier: Apache-2.0
/**
 * inotify(7): what happened to files and directories, as a stream of events.
 *
 * <p>{@link dev.jvisor.fs.vfs.Fsnotify} tells {@link dev.jvisor.fs.inotify.InotifyFile}, which
 * queues; {@link dev.jvisor.fs.inotify.InotifyLimits} bounds what users can have of it. Lock order:
 * a directory's lock, the monitor of an instance's queue, the state of an inode.
 */
@NullMarked
package dev.jvisor.fs.inotify;

import org.jspecify.annotations.NullMarked;
