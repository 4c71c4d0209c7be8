// SPDX-License-Identifier: Apache-2.0
package dev.jvisor.fs.vfs;

/** A place in the mount tree (Linux: {@code struct path}). */
public record VfsPath(Mount mount, Dentry dentry) {}
