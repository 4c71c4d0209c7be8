// SPDX-License-Identifier: Apache-2.0
/**
 * The skeleton of synthetic file systems: procfs, sysfs (Linux: fs/kernfs, fs/seq_file.c,
 * proc_dir_entry).
 *
 * <p>{@link dev.jvisor.fs.kernfs.KernfsInode} has the attributes;
 * {@link dev.jvisor.fs.kernfs.KernfsDirectory} asks its subclass for entries,
 * {@link dev.jvisor.fs.kernfs.StaticDirectory} holds a fixed set that is made when first needed;
 * {@link dev.jvisor.fs.kernfs.TextFile} writes its content when it is read;
 * {@link dev.jvisor.fs.kernfs.KernfsSymlink} is a link. No lock is held while content is made.
 */
@NullMarked
package dev.jvisor.fs.kernfs;

import org.jspecify.annotations.NullMarked;
