import fc from 'fast-check'
import { expect, test } from 'vitest'

import { byDay, readsAsTimes, weeklyOf } from '../../desk/pages/hours'

test('ranges and closed days are told day by day', () => {
  expect(byDay({ 'mon-fri': '09:00-18:00', sat: '10:00-16:00', sun: 'closed' })).toEqual([...Array<string>(5).fill('09:00-18:00'), '10:00-16:00', ''])
})

test('neighbours alike become a range again', () => {
  expect(weeklyOf(['09:00-18:00', '09:00-18:00', '09:00-18:00', '09:00-18:00', '09:00-18:00', '', ''])).toEqual({ 'mon-fri': '09:00-18:00', 'sat-sun': 'closed' })
})

test('there and back nothing changes', () => {
  const times = fc.constantFrom('', '09:00-18:00', '09:00-12:00, 13:30-18:00')
  fc.assert(
    fc.property(fc.array(times, { minLength: 7, maxLength: 7 }), (week) => {
      expect(byDay(weeklyOf(week))).toEqual(week)
    }),
  )
})

test('Chinese signs are read as their plain ones, nonsense is not', () => {
  expect(weeklyOf(['09：00至18：00'])['mon']).toBe('09:00-18:00')
  expect(['', '09:00-18:00', '09:00-12:00，13:30-18:00'].every(readsAsTimes)).toBe(true)
  expect(['早上', '9-18', '09:00'].some(readsAsTimes)).toBe(false)
})
