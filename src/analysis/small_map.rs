//! A map stored as a sorted vector. Facts about most nodes are few, and for a handful of entries this is cheaper than a
//! `BTreeMap`, in time and in memory.

use std::mem;

/// A map in key order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct SmallMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SmallMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> SmallMap<K, V> {
    pub(super) fn new() -> Self {
        Self::default()
    }

    pub(super) fn one(key: K, value: V) -> Self {
        Self(vec![(key, value)])
    }

    fn place(&self, key: &K) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| known.cmp(key))
    }

    pub(super) fn get(&self, key: &K) -> Option<&V> {
        let at = self.place(key).ok()?;
        self.0.get(at).map(|(_, value)| value)
    }

    /// Inserts a value and returns the previous one.
    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        match self.place(&key) {
            Ok(at) => self.0.get_mut(at).map(|(_, known)| mem::replace(known, value)),
            Err(at) => {
                self.0.insert(at, (key, value));
                None
            }
        }
    }

    pub(super) fn remove(&mut self, key: &K) -> Option<V> {
        let at = self.place(key).ok()?;
        Some(self.0.remove(at).1)
    }

    pub(super) fn contains_key(&self, key: &K) -> bool {
        self.place(key).is_ok()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&K, &V)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    pub(super) fn retain(&mut self, keep: impl Fn(&K, &V) -> bool) {
        self.0.retain(|(key, value)| keep(key, value));
    }

    /// Maps all values; `None` if one of them cannot be mapped.
    pub(super) fn try_map<W>(self, change: impl Fn(V) -> Option<W>) -> Option<SmallMap<K, W>> {
        self.0.into_iter().map(|(key, value)| Some((key, change(value)?))).collect::<Option<_>>().map(SmallMap)
    }

    /// Maps some of the values and drops the others.
    pub(super) fn filter_map<W>(&self, change: impl Fn(&K, &V) -> Option<W>) -> SmallMap<K, W>
    where
        K: Clone,
    {
        SmallMap(self.0.iter().filter_map(|(key, value)| Some((key.clone(), change(key, value)?))).collect())
    }
}

impl<K, V> IntoIterator for SmallMap<K, V> {
    type Item = (K, V);
    type IntoIter = std::vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::SmallMap;
    use std::collections::BTreeMap;

    #[test]
    fn it_behaves_like_a_btree_map() {
        let (mut few, mut map) = (SmallMap::new(), BTreeMap::new());
        for n in 0..200_u64 {
            // Repeating numbers in no particular order.
            let key = n * n * 31 % 17;
            match n % 5 {
                0 => assert_eq!(few.remove(&key), map.remove(&key)),
                _ => assert_eq!(few.insert(key, n), map.insert(key, n)),
            }
            assert_eq!(few.get(&key), map.get(&key));
            assert_eq!(few.contains_key(&3), map.contains_key(&3));
            assert!(few.iter().eq(map.iter()) && few.keys().eq(map.keys()) && few.values().eq(map.values()));
        }
        few.retain(|key, _| key % 2 == 0);
        map.retain(|key, _| key % 2 == 0);
        assert!(few.clone().into_iter().eq(map) && !few.is_empty());
        assert_eq!(few.filter_map(|key, _| (*key > 900).then_some(())), SmallMap::new());
        assert_eq!(few.try_map(|_| None::<u8>), None);
    }
}
