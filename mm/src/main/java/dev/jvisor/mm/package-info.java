// SPDX-License-Identifier: Apache-2.0
/**
 * The guest's virtual memory: what is mapped, which pages back it, faults, and access to it (Linux:
 * mm/).
 *
 * <p>{@link dev.jvisor.mm.MemoryManager} is one address space and the only class that other modules
 * see, with {@link dev.jvisor.mm.Mappable}, what can be mapped, and
 * {@link dev.jvisor.mm.SharedAnonymous}. Inside:
 *
 * <pre>
 *   VmaSet         what the guest mapped         0x7f00000  rw-p  anonymous, 8 pages
 *   Backing        which pages stand behind it   0x7f00000  memory file 0x5000, 4 pages, shared
 *                                                0x7f04000  memory file 0x91000, 4 pages
 *   AddressSpace   what the host shows           as Backing says, read-only where shared by a fork
 * </pre>
 *
 * <p>Private anonymous memory gets its pages when it is mapped, in one piece: the host fills them
 * when they are touched, and no fault comes here. A range of a mapping without backing is either
 * shown by the host (a mapped host file) or not accessible until a fault ({@code Faults}): memory
 * that is reserved with PROT_NONE or very large, pages of an object in the memory file. A private
 * page of a host file is copied to the memory file when it is written. fork shares pages by
 * reference count ({@link dev.jvisor.mm.pages.PageAllocator}) and write-protects them
 * ({@code Forking}).
 *
 * <p>{@code Mapper}, {@code Protector}, {@code Remapper}, {@code Adviser} are the system calls,
 * {@code UserCopy} and {@code GuestIovIter} the copies.
 *
 * <p>Locks, outermost first:
 *
 * <pre>
 *   locks under which guest memory may be touched (file position, the inode lock of write(2))
 *     Space.lock of a parent
 *       Space.lock of its child, while fork makes it
 *         leaf locks: of Mappable implementations (page trees), AddressSpace, PageAllocator,
 *         MemoryFile, SpanPins
 * </pre>
 *
 * <p>Two memories' locks are never held together otherwise: a copy from one process to another goes
 * through an array.
 */
@NullMarked
package dev.jvisor.mm;

import org.jspecify.annotations.NullMarked;
