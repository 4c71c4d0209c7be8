// SPDX-License-Identifier: Apache-2.0
/**
 * The protocol between Sentry and gofer: 9P2000.L messages with a few extensions.
 *
 * <p>A message is {@code size[4] type[1] tag[2] body}, little-endian, {@code size} counting itself;
 * a string is {@code length[2] bytes}. {@link dev.jvisor.fs.p9.TMessage} lists requests,
 * {@link dev.jvisor.fs.p9.RMessage} answers. The version string is
 * {@value dev.jvisor.fs.p9.P9#VERSION}: base messages are as in Linux's
 * {@code Documentation/filesystems/9p.rst} and {@code include/net/9p/9p.h}, except that
 *
 * <ul>
 *   <li>Rlopen and Rlcreate end with {@code donated[1]}: 1 if the message carries, as SCM_RIGHTS, a
 *       host descriptor open as asked. Then the server keeps no open file of its own for the fid;
 *   <li>Tlcreate with an empty name makes a file without a name (O_TMPFILE), which Tlink can give
 *       one;
 *   <li>Twalkgetattr walks and returns the attributes of every step in one round trip, and may be
 *       told to bind no fid, or one only if it ends at a directory: most files are looked at and
 *       never opened;
 *   <li>Topenat opens a child of a directory fid (or the fid itself) and donates the descriptor
 *       without binding any fid;
 *   <li>Treadlinkat reads a link in a directory without binding a fid;
 *   <li>Treaddirattr reads a directory that need not be open, with attributes of the entries if
 *       asked;
 *   <li>Trenameat2 has the flags of renameat2(2);
 *   <li>attributes in these answers are preceded by the host's device number, which a Qid has no
 *       room for.
 * </ul>
 */
@NullMarked
package dev.jvisor.fs.p9;

import org.jspecify.annotations.NullMarked;
